/** The desktops' server: it shows agents what contacts write. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A message as the gateway hands it over. */
export interface ShownMessage {
  readonly interaction_id: string | null;
  readonly contact_id: string;
  readonly profile_name: string | null;
  readonly message: Readonly<Record<string, unknown>> & { readonly id: string };
}

export class DesktopsStub {
  readonly shown: ShownMessage[] = [];
  readonly authorizations = new Set<string | undefined>();
  /** How many of the next messages it doesn't take. */
  refuses = 0;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<DesktopsStub> {
    const stub = new DesktopsStub();
    stub.#server.listen(0, "127.0.0.1");
    await once(stub.#server, "listening");
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/messages`;
  }

  of(contactId: string): ShownMessage[] {
    return this.shown.filter(({ contact_id }) => contact_id === contactId);
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const message = (await json(request)) as ShownMessage;
    this.authorizations.add(request.headers.authorization);
    if (this.refuses > 0) {
      this.refuses -= 1;
      response.writeHead(500).end();
      return;
    }
    this.shown.push(message);
    response.writeHead(204).end();
  }
}
