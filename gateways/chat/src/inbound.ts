/** Contacts' messages: each is routed once, however often it is delivered. */

import { type Cartera, isPointless, type Refusal } from "./cartera.js";
import type { BusinessNumber } from "./configuration.js";
import type { Desktops } from "./desktops.js";
import { type Log, told } from "./log.js";
import type { Numbers } from "./numbers.js";
import { referenceOf } from "./reference.js";
import type { Refusals } from "./refusals.js";
import { Serialized } from "./serialized.js";
import type { State } from "./state.js";
import type { Inbound } from "./webhook/payload.js";

// What says something about another message or about the contact: nobody has to attend it.
const ASIDES: ReadonlySet<string> = new Set(["reaction", "system", "edit", "revoke"]);

export class InboundMessages {
  readonly #state: State;
  readonly #cartera: Cartera;
  readonly #numbers: Numbers;
  readonly #desktops: Desktops;
  readonly #refusals: Refusals;
  readonly #log: Log;
  readonly #inOrder = new Serialized();

  constructor(state: State, cartera: Cartera, numbers: Numbers, desktops: Desktops, refusals: Refusals, log: Log) {
    this.#state = state;
    this.#cartera = cartera;
    this.#numbers = numbers;
    this.#desktops = desktops;
    this.#refusals = refusals;
    this.#log = log;
  }

  /** Takes a message. Whether it needs nothing more; otherwise the provider has to deliver it again. */
  async take(message: Inbound): Promise<boolean> {
    const number = this.#numbers.withId(message.phoneNumberId);
    const reference = referenceOf(message.id);
    if (number === undefined) {
      this.#log.warn({ phone_number_id: message.phoneNumberId }, "a message to a number of somebody else's");
      return true;
    }
    return this.#inOrder.run(message.contactId, async () => {
      try {
        await this.#once(message, number, reference);
        return true;
      } catch (failure) {
        this.#log.error({ ...told(failure), message: reference, type: message.type }, "a message was not taken");
        return isPointless(failure);
      }
    });
  }

  async #once(message: Inbound, number: BusinessNumber, reference: string): Promise<void> {
    if ((await this.#state.taken.get(reference)) !== undefined) {
      this.#log.info({ message: reference }, "a message was delivered again");
      return;
    }
    const routed = ASIDES.has(message.type)
      ? undefined
      : await this.#cartera.route(number, message.contactId, reference);
    if (isRefusal(routed)) {
      await this.#refusals.tell(routed, number, message.contactId, reference);
    } else {
      await this.#desktops.show(message, routed);
    }
    const interactionId = isRefusal(routed) ? undefined : routed;
    await this.#state.taken.put(reference, { at: Date.now(), interactionId });
    this.#log.info({ message: reference, type: message.type, interaction: interactionId }, "a message was taken");
  }
}

function isRefusal(routed: string | Refusal | undefined): routed is Refusal {
  return typeof routed === "object";
}
