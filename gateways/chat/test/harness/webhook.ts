/** The provider's side of the webhook: documented samples, changed where a test needs it, signed and posted. */

import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { APP_SECRET, NUMBERS } from "./gateway.js";
import { ROOT } from "./service.js";

interface Value {
  metadata: { phone_number_id: string };
  contacts?: { wa_id: string }[];
  messages?: Record<string, unknown>[];
  statuses?: Record<string, unknown>[];
}

/** A delivery, as far as tests change it. */
export interface Delivery {
  entry: { changes: { value: Value }[] }[];
}

export async function sample(name: string): Promise<Delivery> {
  return JSON.parse(await readFile(join(ROOT, "test/samples", `${name}.json`), "utf8")) as Delivery;
}

/** A new id as the provider makes them. */
export function newWamid(): string {
  return `wamid.${Buffer.from(randomUUID()).toString("base64")}`;
}

/** A new contact's number, without the plus sign, as the provider writes it. */
export function newContact(): string {
  return `346${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
}

/** What a test says of a message; the rest doesn't matter to it. */
export interface MessageChanges {
  readonly name?: string;
  readonly id?: string;
  readonly number?: string;
}

/** A sample of a message, as of somebody at one of the business's numbers. */
export async function messageFrom(
  from: string,
  { name = "text", id = newWamid(), number = NUMBERS.atencion }: MessageChanges = {},
): Promise<Delivery> {
  const delivery = await sample(name);
  const value = firstValueIn(delivery);
  value.metadata.phone_number_id = number;
  for (const contact of value.contacts ?? []) {
    contact.wa_id = from;
  }
  for (const message of value.messages ?? []) {
    Object.assign(message, { from, id });
  }
  return delivery;
}

/** A sample of a status, of a message that the gateway sent. */
export async function statusOf(
  { id, callbackData }: { readonly id: string; readonly callbackData: string | undefined },
  state: "sent" | "delivered" | "read" | "failed",
): Promise<Delivery> {
  const delivery = await sample(`status-${state}`);
  for (const status of firstValueIn(delivery).statuses ?? []) {
    Object.assign(status, { id, biz_opaque_callback_data: callbackData });
  }
  return delivery;
}

/** Several deliveries as one. */
export function together(deliveries: readonly Delivery[]): Delivery {
  const [first] = deliveries;
  return { ...first, entry: deliveries.flatMap(({ entry }) => entry) };
}

/** Posts a delivery; the status of the answer. */
export async function deliver(url: string, delivery: unknown, secret = APP_SECRET): Promise<number> {
  const body = typeof delivery === "string" ? delivery : JSON.stringify(delivery);
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return post(url, body, { "x-hub-signature-256": `sha256=${signature}` });
}

export async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${url}/webhook`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

function firstValueIn(delivery: Delivery): Value {
  const value = delivery.entry[0]?.changes[0]?.value;
  if (value === undefined) {
    throw new Error("a delivery without a change");
  }
  return value;
}
