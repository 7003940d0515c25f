/** How far agents' messages have come. */

import { DeliveryState } from "@cartera/client/routing/v1/interaction";

import type { Callback } from "./callback.js";
import { type Cartera, isPointless } from "./cartera.js";
import { type Log, told } from "./log.js";
import { referenceOf } from "./reference.js";
import type { SentMessages } from "./sent-messages.js";
import { Serialized } from "./serialized.js";
import type { State } from "./state.js";
import type { ProviderError, Status } from "./webhook/payload.js";

// In the order in which a message goes through them; the provider may tell them in any, and leave some out.
const STATES: ReadonlyMap<string, DeliveryState> = new Map([
  ["sent", DeliveryState.PENDING],
  ["delivered", DeliveryState.DELIVERED],
  ["read", DeliveryState.READ],
  ["played", DeliveryState.READ],
]);

const UNSAID: ProviderError = { code: 0, title: "" };

export class Deliveries {
  readonly #state: State;
  readonly #cartera: Cartera;
  readonly #sent: SentMessages;
  readonly #log: Log;
  readonly #inOrder = new Serialized();

  constructor(state: State, cartera: Cartera, sent: SentMessages, log: Log) {
    this.#state = state;
    this.#cartera = cartera;
    this.#sent = sent;
    this.#log = log;
  }

  /** Takes a status. Whether it needs nothing more; otherwise the provider has to deliver it again. */
  async take(status: Status): Promise<boolean> {
    return this.#inOrder.run(status.id, async () => {
      try {
        await this.#pass(status);
        return true;
      } catch (failure) {
        this.#log.error({ ...told(failure), message: referenceOf(status.id) }, "a status was not passed on");
        return isPointless(failure);
      }
    });
  }

  async #pass(status: Status): Promise<void> {
    const callback = await this.#sent.originOf(status.id, status.callbackData);
    if (callback === undefined) {
      return;
    }
    const state = STATES.get(status.status);
    if (status.status === "failed") {
      await this.#fail(callback, status);
    } else if (state !== undefined) {
      await (state === DeliveryState.PENDING
        ? this.#sent.taken(callback, status.id)
        : this.#sent.arrived(callback, status.id));
      await this.#advance(callback.interaction_id, status.id, state);
    }
  }

  /** Cartera knows no such state: it is logged, and the desktop reads it from the gateway. */
  async #fail({ interaction_id, message_id }: Callback, { id, error = UNSAID }: Status): Promise<void> {
    const said = {
      interaction: interaction_id,
      message: message_id,
      code: error.code,
      title: error.title,
    };
    this.#log.warn(said, "a message was not delivered");
    await this.#sent.failed({ interaction_id, message_id }, error, id);
  }

  /** Tells Cartera, unless the message has come as far already: Cartera passes on whatever it is told. */
  async #advance(interactionId: string, messageId: string, state: DeliveryState): Promise<void> {
    const reference = referenceOf(messageId);
    const known = await this.#state.deliveries.get(reference);
    if (state.valueOf() > (known?.rank ?? 0)) {
      await this.#cartera.reportDelivery(interactionId, messageId, state, referenceOf(messageId, String(state)));
      await this.#state.deliveries.put(reference, {
        at: Date.now(),
        rank: state,
      });
    }
  }
}
