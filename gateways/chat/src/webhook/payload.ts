/** What the WhatsApp Cloud API delivers to a webhook. */

import { z } from "zod";

/** A message of a contact's. */
export interface Inbound {
  readonly id: string;
  readonly phoneNumberId: string;
  /** The contact as Cartera knows it: its number in E.164, or the provider's own id for those who hide their number. */
  readonly contactId: string;
  /** The name that the contact has given itself. */
  readonly profileName: string | undefined;
  readonly type: string;
  /** The message as the provider delivered it. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** How far a message to a contact has come. */
export interface Status {
  readonly id: string;
  readonly status: string;
  /** What the gateway gave along when it sent the message. */
  readonly callbackData: string | undefined;
  readonly error: ProviderError | undefined;
}

export interface ProviderError {
  readonly code: number;
  readonly title: string;
}

/** What a delivery holds. */
export interface Reading {
  readonly messages: readonly Inbound[];
  readonly statuses: readonly Status[];
  /** Why each part was left out that could not be understood, without what it says. */
  readonly unreadable: readonly string[];
}

const id = z.string().min(1).max(512);

const errors = z.array(z.object({ code: z.number(), title: z.string().default("") }));

const envelope = z.object({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(z.object({ changes: z.array(z.unknown()) })),
});

const change = z.object({
  field: z.string(),
  value: z.looseObject({}),
});

const messagesValue = z.object({
  metadata: z.object({ phone_number_id: id }),
  contacts: z.array(z.unknown()).default([]),
  messages: z.array(z.unknown()).default([]),
  statuses: z.array(z.unknown()).default([]),
});

const contact = z.object({
  wa_id: z.string().optional(),
  user_id: z.string().optional(),
  profile: z.object({ name: z.string() }),
});

const message = z
  .looseObject({
    id,
    type: z.string().min(1),
    from: z
      .string()
      .regex(/^\d{5,15}$/)
      .optional(),
    from_user_id: id.max(128).optional(),
  })
  .refine(({ from, from_user_id }) => (from ?? from_user_id) !== undefined, "no sender");

const status = z.object({
  id,
  status: z.string(),
  biz_opaque_callback_data: z.string().optional(),
  errors: errors.optional(),
});

/** Reads a delivery; undefined where it isn't one of a WhatsApp webhook. */
export function readDelivery(json: unknown): Reading | undefined {
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    return undefined;
  }
  const reading = {
    messages: [] as Inbound[],
    statuses: [] as Status[],
    unreadable: [] as string[],
  };
  for (const each of parsed.data.entry.flatMap((entry) => entry.changes)) {
    readChange(each, reading);
  }
  return reading;
}

interface Reader {
  readonly messages: Inbound[];
  readonly statuses: Status[];
  readonly unreadable: string[];
}

function readChange(json: unknown, reader: Reader): void {
  const read = parse("change", change, json, reader);
  // The app may be subscribed to fields that aren't about messages: templates, the account's quality and so on.
  if (read?.field !== "messages") {
    return;
  }
  const value = parse("change", messagesValue, read.value, reader);
  for (const each of value?.messages ?? []) {
    readMessage(each, value?.metadata.phone_number_id ?? "", value?.contacts ?? [], reader);
  }
  for (const each of value?.statuses ?? []) {
    readStatus(each, reader);
  }
}

function readMessage(json: unknown, phoneNumberId: string, contacts: readonly unknown[], reader: Reader): void {
  const read = parse("message", message, json, reader);
  if (read !== undefined) {
    const { id, type, from, from_user_id = "" } = read;
    reader.messages.push({
      id,
      phoneNumberId,
      contactId: from === undefined ? from_user_id : `+${from}`,
      profileName: profileNameOf(from, from_user_id, contacts),
      type,
      content: read,
    });
  }
}

function profileNameOf(from: string | undefined, userId: string, contacts: readonly unknown[]): string | undefined {
  return contacts
    .map((each) => contact.safeParse(each).data)
    .find((each) => each !== undefined && (each.wa_id === from || each.user_id === userId))?.profile.name;
}

function readStatus(json: unknown, reader: Reader): void {
  const read = parse("status", status, json, reader);
  if (read !== undefined) {
    const { id, status, biz_opaque_callback_data: callbackData, errors: [error] = [] } = read;
    reader.statuses.push({ id, status, callbackData, error });
  }
}

/** Reads one part. One that can't be understood is noted, and doesn't keep the others from being read. */
function parse<T>(name: string, schema: z.ZodType<T>, json: unknown, reader: Reader): T | undefined {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    reader.unreadable.push(`${name}: ${parsed.error.issues.map(describe).join("; ")}`);
  }
  return parsed.data;
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join(".") || "it"} (${issue.code})`;
}
