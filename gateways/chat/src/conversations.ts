/** Which notices follow from what happens to a conversation. */

import { Channel } from "@cartera/client/routing/v1/channel";
import type { Change } from "@cartera/client/routing/v1/event";
import type { Interaction } from "@cartera/client/routing/v1/interaction";

import type { BusinessNumber, Configuration } from "./configuration.js";
import type { Numbers } from "./numbers.js";
import { type Sign, signIn, type Turn } from "./signs.js";
import type { Notice, State, Thread, Write } from "./state.js";
import { languageOf, textFor } from "./texts.js";

/** What to do because of a change. */
export interface Consequences {
  readonly notices: ReadonlyMap<string, Notice>;
  readonly writes: readonly Write[];
}

/** A conversation that a change is about. */
interface Affected {
  thread: Thread | undefined;
  turn: Turn | undefined;
  ended: boolean;
}

/** The conversations at this gateway's numbers. The feed has those of all channels. */
export class Conversations {
  readonly #state: State;
  readonly #numbers: Numbers;
  readonly #settings: Configuration["notices"];
  readonly #agentName: (agentId: string) => Promise<string>;

  constructor(
    state: State,
    numbers: Numbers,
    settings: Configuration["notices"],
    agentName: (agentId: string) => Promise<string>,
  ) {
    this.#state = state;
    this.#numbers = numbers;
    this.#settings = settings;
    this.#agentName = agentName;
  }

  async consequencesOf(change: Change): Promise<Consequences> {
    const notices = new Map<string, Notice>();
    const writes: Write[] = [];
    for (const [interactionId, { thread, turn, ended }] of await this.#affectedBy(change)) {
      if (thread === undefined) {
        continue;
      }
      const notice = await this.#noticeOf(turn, thread, timeOf(change));
      if (notice !== undefined) {
        notices.set(`feed/${String(change.revision).padStart(20, "0")}/${notices.size}`, notice);
      }
      writes.push(this.#keeping(interactionId, thread, turn, ended));
    }
    return { notices, writes };
  }

  async #affectedBy(change: Change): Promise<ReadonlyMap<string, Affected>> {
    const affected = new Map<string, Affected>();
    for (const sign of change.events.map(signIn)) {
      if (sign !== undefined) {
        const before = affected.get(sign.interactionId) ?? (await this.#load(sign.interactionId));
        affected.set(sign.interactionId, this.#after(before, sign));
      }
    }
    return affected;
  }

  async #load(interactionId: string): Promise<Affected> {
    return {
      thread: await this.#state.threads.get(interactionId),
      turn: undefined,
      ended: false,
    };
  }

  /** Of several signs about a conversation the last is what its contact is told. */
  #after(before: Affected, sign: Sign): Affected {
    switch (sign.type) {
      case "begun":
        return { ...before, thread: this.#threadOf(sign.interaction) };
      case "turned":
        return { ...before, turn: sign.turn };
      case "ended":
        return { ...before, turn: sign.turn, ended: true };
    }
  }

  #threadOf({ channel, address, contactId, language }: Interaction): Thread | undefined {
    const number = channel === Channel.MESSAGING ? this.#numbers.at(address) : undefined;
    return number && { contactId, language, phoneNumberId: number.phone_number_id };
  }

  #keeping(interactionId: string, thread: Thread, turn: Turn | undefined, ended: boolean): Write {
    return ended
      ? this.#state.threads.deleting(interactionId)
      : this.#state.threads.putting(interactionId, {
          ...thread,
          lastTurn: turn ? nameOf(turn) : thread.lastTurn,
        });
  }

  async #noticeOf(turn: Turn | undefined, thread: Thread, at: number): Promise<Notice | undefined> {
    const number = this.#numbers.withId(thread.phoneNumberId);
    const isOld = Date.now() - at > 1000 * this.#settings.expire_after_seconds;
    if (turn === undefined || number === undefined || isOld || nameOf(turn) === thread.lastTurn) {
      return undefined;
    }
    const text = await this.#textOf(turn, thread, number);
    const { contactId, phoneNumberId } = thread;
    return text === undefined
      ? undefined
      : {
          at,
          state: "waiting",
          kind: turn.kind,
          phoneNumberId,
          contactId,
          text,
        };
  }

  async #textOf({ kind, agentId }: Turn, thread: Thread, number: BusinessNumber): Promise<string | undefined> {
    const language = languageOf(thread.language, number);
    const places = agentId === undefined ? {} : { agent: await this.#agentName(agentId) };
    return textFor(this.#settings, kind, language, places);
  }
}

function nameOf({ kind, agentId = "" }: Turn): string {
  return `${kind} ${agentId}`.trim();
}

function timeOf({ occurredAt }: Change): number {
  return 1000 * Number(occurredAt?.seconds ?? 0n);
}
