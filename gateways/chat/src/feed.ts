/** Follows the feed, and goes on over a restart where it was. */

import { setTimeout as pause } from "node:timers/promises";

import { CarteraError, type Watch } from "@cartera/client";
import type { Change } from "@cartera/client/routing/v1/event";

import type { Cartera } from "./cartera.js";
import type { Conversations } from "./conversations.js";
import { type Log, told } from "./log.js";
import type { Notices } from "./notices.js";
import type { Notice, Position, State, Write } from "./state.js";

const KEY = "position";

const PAUSE_MILLISECONDS = 1_000;

const PASSING_MILLISECONDS = 1_000;

/** A place in the feed: that of a change, of a bookmark or of the watch. */
interface Place {
  readonly revision: bigint;
  readonly occurredAt?: { readonly seconds: bigint; readonly nanos: number } | undefined;
}

export class Feed {
  readonly #state: State;
  readonly #cartera: Cartera;
  readonly #conversations: Conversations;
  readonly #notices: Notices;
  readonly #log: Log;
  readonly #ending = new AbortController();
  #watch: Watch | undefined;
  #keptAt = 0;
  #done: Promise<void> = Promise.resolve();

  constructor(state: State, cartera: Cartera, conversations: Conversations, notices: Notices, log: Log) {
    this.#state = state;
    this.#cartera = cartera;
    this.#conversations = conversations;
    this.#notices = notices;
    this.#log = log;
  }

  begin(): void {
    this.#done = this.#run();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    this.#watch?.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#follow();
      } catch (failure) {
        this.#log.error(told(failure), "the feed was left");
        await this.#recover(failure);
      }
    }
  }

  get #ended(): boolean {
    return this.#ending.signal.aborted;
  }

  async #follow(): Promise<void> {
    const watch = await this.#cartera.watch(await this.#state.feed.get(KEY));
    this.#watch = watch;
    if (this.#ended) {
      return;
    }
    // Kept from the beginning on: what comes before the first step would be missed by a restart otherwise.
    await this.#keep(new Map(), [], watch.position);
    this.#log.info({ revision: String(watch.position.revision) }, "the feed is followed");
    for await (const { step } of watch) {
      if (step.case === "change") {
        await this.#act(step.value);
      } else if (step.case === "bookmark") {
        await this.#pass(step.value);
      }
    }
  }

  async #act(change: Change): Promise<void> {
    const { notices, writes } = await this.#conversations.consequencesOf(change);
    if (writes.length > 0) {
      await this.#keep(notices, writes, change);
    } else {
      await this.#pass(change);
    }
  }

  /** Of what concerns other channels the position is kept now and then: to read some of it again does no harm. */
  async #pass(place: Place): Promise<void> {
    if (Date.now() - this.#keptAt > PASSING_MILLISECONDS) {
      await this.#keep(new Map(), [], place);
    }
  }

  /** The position moves on with what follows from the change, or not at all. */
  async #keep(notices: ReadonlyMap<string, Notice>, writes: readonly Write[], place: Place): Promise<void> {
    await this.#notices.keep(notices, [...writes, this.#moving(place)]);
    this.#keptAt = Date.now();
  }

  #moving({ revision, occurredAt }: Place): Write {
    const position: Position = {
      revision: String(revision),
      occurredAt: occurredAt && {
        seconds: String(occurredAt.seconds),
        nanos: occurredAt.nanos,
      },
    };
    return this.#state.feed.putting(KEY, position);
  }

  async #recover(failure: unknown): Promise<void> {
    if (failure instanceof CarteraError && failure.reason.startsWith("REVISION_")) {
      // What happened meanwhile can't be read any more, and is too old to tell anybody: it begins now.
      await this.#state.feed.delete(KEY);
    }
    await pause(PAUSE_MILLISECONDS, undefined, {
      signal: this.#ending.signal,
    }).catch(() => undefined);
  }
}
