/** How the gateway names a message of the provider's in logs, in its state and towards Cartera. */

import { createHash } from "node:crypto";

/**
 * A short name that is the same for the same parts.
 *
 * The provider's message ids contain the contact's telephone number, encoded in a way that anybody can read, so they
 * stay out of logs and of request ids.
 */
export function referenceOf(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 32);
}
