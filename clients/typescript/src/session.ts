/** What all calls of a client have in common: who calls, and what a request may leave out. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";

/** What a caller is to its tenant. */
export type Role = "administrator" | "supervisor" | "agent" | "gateway";

/** A token, or what is asked for it before each call: with that, a call whose token has expired goes on with a new one. */
export type Token = string | (() => string | Promise<string>);

/** A token in a file, which is read for each call. */
export function tokenFile(file: string | URL): Token {
  return async () => (await readFile(file, "utf8")).trim();
}

export interface SessionOptions {
  /** The tenant, filled in where a request leaves it out. */
  readonly tenantId?: string;
  /** The caller, where the service trusts its network. */
  readonly role?: Role;
  /** The caller's own id. An agent's is its agent id. */
  readonly subject?: string;
  /** What proves tenant, role and subject where the service believes nobody. */
  readonly token?: Token;
  /** In which language people read errors, as of `accept-language`: `es`, `es-MX, en;q=0.5`. English if left out. */
  readonly language?: string;
}

export class Session {
  readonly tenantId: string;
  /** Whether a token that has expired may be another at the next attempt. */
  readonly renews: boolean;
  readonly #token: Token;
  readonly #said: Metadata;

  constructor({ tenantId = "", role, subject, token = "", language }: SessionOptions) {
    this.tenantId = tenantId;
    this.renews = typeof token === "function";
    this.#token = token;
    this.#said = said(role, subject, language);
  }

  /** The metadata that says who calls, with the token as it is now: to be asked for each attempt. */
  async metadata(): Promise<Metadata> {
    const metadata = this.#said.clone();
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    if (token !== "") {
      // Not as credentials of the call: those are refused without TLS, and on loopback there is none.
      metadata.set("authorization", `Bearer ${token}`);
    }
    return metadata;
  }

  /** Adds what the caller may leave out: the tenant, and a request id for all attempts of this call. */
  complete(schema: DescMessage, request: Message): void {
    const fields = request as Message & Record<string, unknown>;
    for (const [name, value] of [
      ["tenantId", this.tenantId],
      ["requestId", randomUUID()],
    ] as const) {
      if (name in schema.field && fields[name] === "") {
        fields[name] = value;
      }
    }
  }
}

function said(role?: Role, subject?: string, language?: string): Metadata {
  const metadata = new Metadata();
  if (role !== undefined) {
    metadata.set("cartera-role", role);
  }
  if (subject !== undefined) {
    identify(metadata, subject);
  }
  if (language !== undefined) {
    metadata.set("accept-language", language);
  }
  return metadata;
}

/** An id that is not ASCII goes as bytes. */
function identify(metadata: Metadata, subject: string): void {
  if (/^[\x20-\x7e]*$/.test(subject)) {
    metadata.set("cartera-subject", subject);
  } else {
    metadata.set("cartera-subject-bin", Buffer.from(subject));
  }
}
