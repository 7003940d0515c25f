/** The agents' messages that went to the provider, or may have. */

import { DeliveryState } from "@cartera/client/routing/v1/interaction";

import { type Callback, readCallback } from "./callback.js";
import { referenceOf } from "./reference.js";
import { Serialized } from "./serialized.js";
import type { Reply, State } from "./state.js";
import type { ProviderError } from "./webhook/payload.js";

/** What is known of a message. */
export interface SentMessage {
  readonly state: Reply["state"];
  readonly providerMessageId: string | undefined;
  readonly deliveryState: string | undefined;
  readonly error: ProviderError | undefined;
}

export class SentMessages {
  readonly #state: State;
  // A status may come before the answer to the call that sent the message.
  readonly #inOrder = new Serialized();

  constructor(state: State) {
    this.#state = state;
  }

  async find(callback: Callback): Promise<Reply | undefined> {
    return this.#state.replies.get(keyOf(callback));
  }

  /** Notes that a message is about to go to the provider. */
  async begin(callback: Callback, fingerprint: string): Promise<void> {
    await this.#state.replies.put(keyOf(callback), {
      at: Date.now(),
      fingerprint,
      state: "sending",
    });
  }

  /** Forgets a message that the provider has not taken, so that it can be sent again. */
  async abandon(callback: Callback): Promise<void> {
    await this.#inOrder.run(keyOf(callback), async () => {
      if ((await this.find(callback))?.state === "sending") {
        await this.#state.replies.delete(keyOf(callback));
      }
    });
  }

  /** The provider has taken it. */
  async taken(callback: Callback, providerMessageId: string): Promise<void> {
    const origin = this.#state.origins.putting(referenceOf(providerMessageId), {
      at: Date.now(),
      ...callback,
    });
    await this.#state.write([origin]);
    await this.#change(callback, (reply) =>
      reply.state === "sending" ? { ...reply, state: "sent", providerMessageId } : reply,
    );
  }

  /** It has reached the contact, whatever was said before: a message that failed at one device may reach another. */
  async arrived(callback: Callback, providerMessageId: string): Promise<void> {
    await this.#change(callback, (reply) =>
      reply.state === "sent" ? reply : { ...reply, state: "sent", providerMessageId, error: undefined },
    );
  }

  /** Which message the provider speaks of: what it gives back says so, and without that what was noted. */
  async originOf(providerMessageId: string, callbackData: string | undefined): Promise<Callback | undefined> {
    return readCallback(callbackData) ?? (await this.#state.origins.get(referenceOf(providerMessageId)));
  }

  /** The provider has refused it, or could not deliver it. */
  async failed(callback: Callback, error: ProviderError, providerMessageId?: string): Promise<void> {
    await this.#change(callback, (reply) => ({
      ...reply,
      state: "failed",
      providerMessageId,
      error,
    }));
  }

  async describe(callback: Callback): Promise<SentMessage | undefined> {
    const reply = await this.find(callback);
    if (reply === undefined) {
      return undefined;
    }
    const { state, providerMessageId, error } = reply;
    return {
      state,
      providerMessageId,
      error,
      deliveryState: await this.#deliveryStateOf(providerMessageId),
    };
  }

  async #deliveryStateOf(providerMessageId: string | undefined): Promise<string | undefined> {
    if (providerMessageId === undefined) {
      return undefined;
    }
    const delivery = await this.#state.deliveries.get(referenceOf(providerMessageId));
    return delivery && DeliveryState[delivery.rank];
  }

  async #change(callback: Callback, change: (reply: Reply) => Reply): Promise<void> {
    await this.#inOrder.run(keyOf(callback), async () => {
      const reply = await this.find(callback);
      const changed = reply && change(reply);
      if (changed !== undefined && changed !== reply) {
        await this.#state.replies.put(keyOf(callback), changed);
      }
    });
  }
}

// A message id has no slash: the pair is unambiguous.
function keyOf({ interaction_id, message_id }: Callback): string {
  return `${interaction_id}/${message_id}`;
}
