/** What the gateway gives the provider along with an agent's message, and gets back with each of its statuses. */

import { z } from "zod";

/** Which message it is. The provider takes up to 512 characters. */
export interface Callback {
  readonly interaction_id: string;
  readonly message_id: string;
}

const callback = z.object({
  interaction_id: z.string().min(1),
  message_id: z.string().min(1),
});

export function writeCallback({ interaction_id, message_id }: Callback): string {
  return JSON.stringify({ interaction_id, message_id });
}

/** Reads it; undefined where it isn't one of this gateway's, as with messages that another program has sent. */
export function readCallback(data: string | undefined): Callback | undefined {
  try {
    return callback.safeParse(JSON.parse(data ?? "null")).data;
  } catch {
    return undefined;
  }
}
