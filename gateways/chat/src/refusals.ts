/** What a contact is told whose message Cartera has refused. */

import type { Refusal } from "./cartera.js";
import type { BusinessNumber, Configuration, NoticeKind } from "./configuration.js";
import type { Notices } from "./notices.js";
import { referenceOf } from "./reference.js";
import type { Notice, State } from "./state.js";
import { spokenTime, textFor } from "./texts.js";

export class Refusals {
  readonly #state: State;
  readonly #notices: Notices;
  readonly #settings: Configuration["notices"];

  constructor(state: State, notices: Notices, settings: Configuration["notices"]) {
    this.#state = state;
    this.#notices = notices;
    this.#settings = settings;
  }

  /** Tells the contact; not again for a while, since people write in many small messages. */
  async tell(refusal: Refusal, number: BusinessNumber, contactId: string, reference: string): Promise<void> {
    const kind = kindOf(refusal);
    const text = textFor(this.#settings, kind, number.language, {
      opens_at: refusal.opensAt === undefined ? "" : spokenTime(new Date(refusal.opensAt), number.language, number),
    });
    const key = `${kind}/${referenceOf(number.phone_number_id, contactId)}`;
    const at = Date.now();
    const last = await this.#state.told.get(key);
    if (text === undefined || at - (last?.at ?? 0) < 1000 * this.#settings.refusal_again_after_seconds) {
      return;
    }
    const notice: Notice = {
      at,
      state: "waiting",
      kind,
      phoneNumberId: number.phone_number_id,
      contactId,
      text,
    };
    await this.#notices.keep(new Map([[`refusal/${reference}`, notice]]), [this.#state.told.putting(key, { at })]);
  }
}

function kindOf({ reason, opensAt }: Refusal): NoticeKind {
  if (reason === "WORKGROUP_QUEUE_FULL") {
    return "queue_full";
  }
  return opensAt === undefined ? "campaign_closed" : "campaign_closed_until";
}
