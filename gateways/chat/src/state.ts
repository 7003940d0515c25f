/** What the gateway keeps over a restart. Who has an interaction is not among it: Cartera knows that. */

import { ClassicLevel } from "classic-level";

import type { Callback } from "./callback.js";
import type { ProviderError } from "./webhook/payload.js";

/** A message of a contact's that needs nothing more. */
export interface Taken {
  readonly at: number;
  /** Where it went; undefined where it was refused, or is none that anybody attends. */
  readonly interactionId?: string | undefined;
}

/** A message of an agent's. */
export interface Reply {
  readonly at: number;
  /** Tells another message under the same id from the same one again. */
  readonly fingerprint: string;
  /** `sending` where it isn't known whether the provider has it: the answer got lost, or the gateway ended before it. */
  readonly state: "sending" | "sent" | "failed";
  readonly providerMessageId?: string | undefined;
  readonly error?: ProviderError | undefined;
}

/** How far a message of an agent's has come. */
export interface Delivery {
  readonly at: number;
  readonly rank: number;
}

/** Which message of an agent's the provider speaks of. */
export interface Origin extends Callback {
  readonly at: number;
}

/** A message of the gateway's own to a contact. */
export interface Notice {
  readonly at: number;
  readonly state: "waiting" | "sending";
  readonly kind: string;
  readonly phoneNumberId: string;
  readonly contactId: string;
  readonly text: string;
}

/** An open conversation that came through this gateway. */
export interface Thread {
  readonly contactId: string;
  readonly phoneNumberId: string;
  readonly language: string;
  /** What its contact was told last, which is not repeated. */
  readonly lastTurn?: string | undefined;
}

/** How far the feed has been followed. */
export interface Position {
  readonly revision: string;
  /** When the change of that revision happened: seconds and nanoseconds, as the service said. */
  readonly occurredAt?: { readonly seconds: string; readonly nanos: number } | undefined;
}

/** One thing to write. */
export type Write =
  | { readonly type: "put"; readonly key: string; readonly value: unknown }
  | { readonly type: "del"; readonly key: string };

type Database = ClassicLevel<string, unknown>;

/** The records of one kind. */
export class Table<T> {
  readonly #database: Database;
  readonly #prefix: string;

  constructor(database: Database, name: string) {
    this.#database = database;
    this.#prefix = `${name}/`;
  }

  async get(key: string): Promise<T | undefined> {
    return (await this.#database.get(this.#prefix + key)) as T | undefined;
  }

  async put(key: string, value: T): Promise<void> {
    await this.#database.batch([this.putting(key, value)], DURABLE);
  }

  async delete(key: string): Promise<void> {
    await this.#database.batch([this.deleting(key)], DURABLE);
  }

  putting(key: string, value: T): Write {
    return { type: "put", key: this.#prefix + key, value };
  }

  deleting(key: string): Write {
    return { type: "del", key: this.#prefix + key };
  }

  async *entries(): AsyncGenerator<[key: string, value: T]> {
    for await (const [key, value] of this.#database.iterator({
      gt: this.#prefix,
      lt: `${this.#prefix}\uffff`,
    })) {
      yield [key.slice(this.#prefix.length), value as T];
    }
  }
}

/** On the disk before it is said to be done. */
const DURABLE = { sync: true };

/** A directory of state, which one gateway uses at a time. */
export class State {
  readonly taken: Table<Taken>;
  readonly replies: Table<Reply>;
  readonly origins: Table<Origin>;
  readonly deliveries: Table<Delivery>;
  readonly notices: Table<Notice>;
  readonly threads: Table<Thread>;
  readonly told: Table<{ readonly at: number }>;
  readonly feed: Table<Position>;
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
    this.taken = new Table(database, "taken");
    this.replies = new Table(database, "replies");
    this.origins = new Table(database, "origins");
    this.deliveries = new Table(database, "deliveries");
    this.notices = new Table(database, "notices");
    this.threads = new Table(database, "threads");
    this.told = new Table(database, "told");
    this.feed = new Table(database, "feed");
  }

  static async open(directory: string): Promise<State> {
    const database: Database = new ClassicLevel(directory, {
      valueEncoding: "json",
    });
    try {
      await database.open();
    } catch (failure) {
      throw isLocked(failure) ? new Error(`Another gateway uses ${directory}.`) : failure;
    }
    return new State(database);
  }

  /** Writes all of it, or nothing. */
  async write(writes: readonly Write[]): Promise<void> {
    await this.#database.batch([...writes], DURABLE);
  }

  /** Forgets what is older and will not be asked for again. */
  async forgetBefore(time: number): Promise<void> {
    for (const table of [this.taken, this.replies, this.origins, this.deliveries, this.told]) {
      const old: Write[] = [];
      for await (const [key, { at }] of table.entries() as AsyncIterable<[string, { readonly at: number }]>) {
        if (at < time) {
          old.push(table.deleting(key));
        }
      }
      await this.write(old);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

function isLocked(failure: unknown): boolean {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED";
}
