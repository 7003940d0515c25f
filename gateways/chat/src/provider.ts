/** The provider's API, by which messages go to contacts. */

import { setTimeout as pause } from "node:timers/promises";

import pLimit from "p-limit";
import { z } from "zod";

import type { Configuration } from "./configuration.js";

/** A text to a contact. */
export interface Outgoing {
  readonly phoneNumberId: string;
  readonly contactId: string;
  readonly text: string;
  /** Comes back with each status of the message. */
  readonly callbackData?: string;
}

/** The provider has not taken the message, and another attempt would not help. */
export class ProviderRefused extends Error {
  readonly code: number;

  constructor(code: number, title: string) {
    super(title);
    this.code = code;
  }
}

/** The provider has not taken the message now; it may later, if only once somebody has mended the access token. */
export class ProviderBusy extends Error {
  readonly code: number;
  readonly retryAfter: number | undefined;

  constructor(code: number, retryAfter?: number) {
    super(`the provider is busy: ${code}`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Nobody knows whether the provider has taken the message: the answer got lost. */
export class OutcomeUnknown extends Error {}

// That the gateway isn't let in is nothing that the message is at fault for.
const PASSING_STATUSES: ReadonlySet<number> = new Set([401, 403, 429]);

// Limits and short outages, which the provider tells by these codes under whatever HTTP status.
const PASSING_CODES: ReadonlySet<number> = new Set([2, 4, 80007, 130429, 131016, 131056, 133004]);

// What fails before anything was sent.
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const LONGEST_PAUSE_SECONDS = 10;

const accepted = z.object({
  messages: z.array(z.object({ id: z.string().min(1) })).min(1),
});

const refused = z.object({
  error: z.object({ code: z.number(), message: z.string().default("") }),
});

export class Provider {
  readonly #settings: Configuration["provider"];
  readonly #accessToken: string;
  readonly #limited: ReturnType<typeof pLimit>;

  constructor(settings: Configuration["provider"], accessToken: string) {
    this.#settings = settings;
    this.#accessToken = accessToken;
    this.#limited = pLimit(settings.messages_at_once);
  }

  /** Sends a message, trying again where that is safe. Returns the provider's id of it. */
  async send(message: Outgoing): Promise<string> {
    return this.#limited(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#attempt(message);
        } catch (failure) {
          if (!(failure instanceof ProviderBusy) || attempt >= this.#settings.attempts) {
            throw failure;
          }
          await pause(1000 * this.#pauseAfter(attempt, failure));
        }
      }
    });
  }

  async #attempt(message: Outgoing): Promise<string> {
    const response = await this.#post(message);
    const body = await response.json().catch(() => undefined);
    if (response.ok) {
      return idIn(body);
    }
    throw failureOf(response, body);
  }

  async #post(message: Outgoing): Promise<Response> {
    const { base_url, version, timeout_seconds } = this.#settings;
    try {
      return await fetch(`${base_url.replace(/\/$/, "")}/${version}/${message.phoneNumberId}/messages`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.#accessToken}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(bodyOf(message)),
        signal: AbortSignal.timeout(1000 * timeout_seconds),
      });
    } catch (failure) {
      if (NOT_CONNECTED.has(codeOf(failure))) {
        throw new ProviderBusy(0);
      }
      throw new OutcomeUnknown("the provider has not answered", {
        cause: failure,
      });
    }
  }

  #pauseAfter(attempt: number, { retryAfter }: ProviderBusy): number {
    const growing = this.#settings.first_pause_seconds * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
    return Math.min(retryAfter ?? growing, LONGEST_PAUSE_SECONDS);
  }
}

function bodyOf({ contactId, text, callbackData }: Outgoing): object {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    // Contacts who hide their number are reached by the id that the provider has for them.
    ...(contactId.startsWith("+") ? { to: contactId } : { recipient: contactId }),
    type: "text",
    text: { body: text, preview_url: false },
    ...(callbackData === undefined ? {} : { biz_opaque_callback_data: callbackData }),
  };
}

function idIn(body: unknown): string {
  const message = accepted.safeParse(body).data?.messages[0];
  if (message === undefined) {
    throw new OutcomeUnknown("the provider's answer has no message id");
  }
  return message.id;
}

function failureOf(response: Response, body: unknown): Error {
  const error = refused.safeParse(body).data?.error;
  const code = error?.code ?? response.status;
  if (PASSING_STATUSES.has(response.status) || response.status >= 500 || PASSING_CODES.has(code)) {
    return new ProviderBusy(code, retryAfterOf(response));
  }
  return new ProviderRefused(code, error?.message ?? response.statusText);
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function codeOf(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
