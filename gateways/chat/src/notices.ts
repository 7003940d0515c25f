/** The gateway's own messages to contacts: each is on the disk before it is due, and is sent once at most. */

import { setTimeout as pause } from "node:timers/promises";

import type { Configuration } from "./configuration.js";
import { type Log, told } from "./log.js";
import { type Provider, ProviderBusy } from "./provider.js";
import { Serialized } from "./serialized.js";
import type { Notice, State, Write } from "./state.js";

// How long a notice rests that the provider doesn't take at the moment.
const REST_MILLISECONDS = 5_000;

export class Notices {
  readonly #state: State;
  readonly #provider: Provider;
  readonly #settings: Configuration["notices"];
  readonly #log: Log;
  readonly #inOrder = new Serialized();
  readonly #ending = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(state: State, provider: Provider, settings: Configuration["notices"], log: Log) {
    this.#state = state;
    this.#provider = provider;
    this.#settings = settings;
    this.#log = log;
  }

  /** Goes on with what was due when the gateway ended. */
  async resume(): Promise<void> {
    for await (const [key, notice] of this.#state.notices.entries()) {
      // Whether this one was sent nobody knows. To be told twice is worse for a contact than not to be told.
      if (notice.state === "sending") {
        await this.#state.notices.delete(key);
      } else {
        this.#dispatch(key, notice);
      }
    }
  }

  /** Writes notices together with whatever brought them about, and sends them. Keys are in the order to be sent. */
  async keep(notices: ReadonlyMap<string, Notice>, others: readonly Write[]): Promise<void> {
    const puts = [...notices].map(([key, notice]) => this.#state.notices.putting(key, notice));
    await this.#state.write([...puts, ...others]);
    for (const [key, notice] of notices) {
      this.#dispatch(key, notice);
    }
  }

  /** Lets what is being sent come to its end; what waits is kept for another time. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#underWay);
  }

  #dispatch(key: string, notice: Notice): void {
    const work = this.#inOrder
      .run(notice.contactId, () => this.#deliver(key, notice))
      .catch((failure: unknown) => {
        this.#log.error({ ...told(failure), kind: notice.kind }, "a notice could not be kept");
      });
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #deliver(key: string, notice: Notice): Promise<void> {
    while (!this.#ending.signal.aborted) {
      if (Date.now() - notice.at > 1000 * this.#settings.expire_after_seconds) {
        this.#log.warn({ kind: notice.kind }, "a notice is out of date");
        return this.#state.notices.delete(key);
      }
      await this.#state.notices.put(key, { ...notice, state: "sending" });
      if (await this.#sent(notice)) {
        return this.#state.notices.delete(key);
      }
      await this.#state.notices.put(key, notice);
      await this.#rest();
    }
  }

  /** Whether the notice is done with. */
  async #sent({ kind, phoneNumberId, contactId, text }: Notice): Promise<boolean> {
    try {
      await this.#provider.send({ phoneNumberId, contactId, text });
      this.#log.info({ kind }, "a notice was sent");
      return true;
    } catch (failure) {
      this.#log.warn({ ...told(failure), kind }, "a notice was not sent");
      return !(failure instanceof ProviderBusy);
    }
  }

  async #rest(): Promise<void> {
    await pause(REST_MILLISECONDS, undefined, {
      signal: this.#ending.signal,
    }).catch(() => undefined);
  }
}
