/** The gateway's settings, read from a file. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

/** When the gateway writes to a contact by itself. */
export const NOTICE_KINDS = [
  "waiting",
  "outside_hours",
  "unassigned",
  "assigned",
  "expired",
  "campaign_closed",
  "campaign_closed_until",
  "queue_full",
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

const language = z.enum(["es", "en"]);

export type Language = z.infer<typeof language>;

// What the provider takes as the body of a text message.
const text = z.string().min(1).max(4096);

const timeZone = z.string().refine(isTimeZone, "no such time zone");

const number = z.strictObject({
  phone_number_id: z.string().regex(/^\d+$/),
  address: z.string().min(1),
  campaign_id: z.string().min(1),
  language: language.default("es"),
  time_zone: timeZone.default("UTC"),
});

/** A number of the business's, and the campaign that its messages go to. */
export type BusinessNumber = Readonly<z.infer<typeof number>>;

const texts = z.partialRecord(z.enum(NOTICE_KINDS), text);

/** What is written to contacts, by language. What has no text isn't written. */
export type Texts = Readonly<Record<Language, Readonly<Partial<Record<NoticeKind, string>>>>>;

const configuration = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(8080),
    })
    .prefault({}),
  state_directory: z.string().min(1),
  log_level: z.enum(["debug", "info", "warn", "error"]).default("info"),
  cartera: z.strictObject({
    address: z.string().default("127.0.0.1:7733"),
    tenant_id: z.string().min(1),
    subject: z.string().min(1).default("whatsapp-1"),
    token_file: z.string().optional(),
    ca_file: z.string().optional(),
    timeout_seconds: z.number().positive().default(5),
  }),
  provider: z
    .strictObject({
      base_url: z.url().default("https://graph.facebook.com"),
      version: z
        .string()
        .regex(/^v\d+\.\d+$/)
        .default("v23.0"),
      timeout_seconds: z.number().positive().default(10),
      attempts: z.int().min(1).max(10).default(4),
      first_pause_seconds: z.number().positive().default(0.5),
      messages_at_once: z.int().min(1).default(16),
    })
    .prefault({}),
  desktops: z
    .strictObject({
      messages_url: z.url(),
      timeout_seconds: z.number().positive().default(5),
    })
    .optional(),
  numbers: z.array(number).min(1),
  notices: z
    .strictObject({
      expire_after_seconds: z.number().positive().default(600),
      refusal_again_after_seconds: z.number().positive().default(3600),
      es: texts.default({}),
      en: texts.default({}),
    })
    .prefault({}),
});

export type Configuration = Readonly<z.infer<typeof configuration>>;

/** Reads the settings. Files and directories in them are relative to where the file is. */
export async function readConfiguration(file: string): Promise<Configuration> {
  const parsed = configuration.safeParse(parse(await readFile(file, "utf8")));
  if (!parsed.success) {
    throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  }
  const { state_directory, cartera, ...others } = parsed.data;
  const near = (path: string) => resolve(dirname(file), path);
  return {
    ...others,
    state_directory: near(state_directory),
    cartera: {
      ...cartera,
      token_file: cartera.token_file && near(cartera.token_file),
      ca_file: cartera.ca_file && near(cartera.ca_file),
    },
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
