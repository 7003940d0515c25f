/** The provider's API as an HTTP server: it takes messages, and can be told to refuse them. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A message as the gateway sent it. */
export interface SentText {
  readonly id: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly to?: string;
  readonly recipient?: string;
  readonly text: { readonly body: string };
  readonly biz_opaque_callback_data?: string;
}

/**
 * What the provider does with a request. `silence` takes the message and ends the connection without an answer, `stall`
 * takes it and leaves the connection open.
 */
export type Behaviour =
  | {
      readonly status: number;
      readonly error?: object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | "silence"
  | "stall";

export class ProviderStub {
  readonly sent: SentText[] = [];
  /** What it does with the next requests, instead of taking the message. */
  readonly next: Behaviour[] = [];
  /** How many requests it has had. */
  requests = 0;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<ProviderStub> {
    const stub = new ProviderStub();
    stub.#server.listen(0, "127.0.0.1");
    await once(stub.#server, "listening");
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The texts that were sent to somebody. */
  textsTo(contactId: string): string[] {
    return this.sent.filter(({ to, recipient }) => (to ?? recipient) === contactId).map(({ text }) => text.body);
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as SentText;
    this.requests += 1;
    const behaviour = this.next.shift();
    if (typeof behaviour === "object") {
      response.writeHead(behaviour.status, {
        "content-type": "application/json",
        ...behaviour.headers,
      });
      response.end(JSON.stringify({ error: behaviour.error }));
      return;
    }
    const id = `wamid.HBgLMzQ2MTEwMDAwMDIVAgARGBI${this.requests}`;
    const { authorization } = request.headers;
    this.sent.push({ ...body, id, path: request.url ?? "", authorization });
    if (behaviour !== undefined) {
      leave(request, behaviour);
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        messaging_product: "whatsapp",
        contacts: [{ input: body.to, wa_id: body.to?.slice(1) }],
        messages: [{ id }],
      }),
    );
  }
}

function leave({ socket }: IncomingMessage, behaviour: "silence" | "stall"): void {
  if (behaviour === "silence") {
    socket.destroy();
  }
}
