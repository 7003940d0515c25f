/** Agents' messages to contacts: each is sent once, by who holds the interaction. */

import { Channel } from "@cartera/client/routing/v1/channel";
import { type Interaction, InteractionState } from "@cartera/client/routing/v1/interaction";

import { type Callback, writeCallback } from "./callback.js";
import type { Cartera } from "./cartera.js";
import type { Log } from "./log.js";
import type { Numbers } from "./numbers.js";
import { OutcomeUnknown, type Outgoing, type Provider, ProviderBusy, ProviderRefused } from "./provider.js";
import { referenceOf } from "./reference.js";
import type { SentMessages } from "./sent-messages.js";
import { Serialized } from "./serialized.js";
import type { Reply } from "./state.js";
import type { ProviderError } from "./webhook/payload.js";

/** What a desktop asks. */
export interface ReplyRequest {
  readonly interactionId: string;
  /** The desktop's own id of the message: under the same one it is sent once. */
  readonly messageId: string;
  readonly agentId: string;
  readonly text: string;
  /** The revision by which the desktop knows that the agent holds the interaction. */
  readonly minRevision: bigint;
}

/** Why a message was not sent. */
export type ReplyProblem =
  | "interaction_unknown"
  | "interaction_not_assigned"
  | "agent_does_not_hold"
  | "message_id_reused"
  | "outcome_unknown"
  | "provider_busy"
  | "provider_refused";

export class ReplyError extends Error {
  readonly problem: ReplyProblem;
  readonly providerError: ProviderError | undefined;

  constructor(problem: ReplyProblem, message: string, providerError?: ProviderError) {
    super(message);
    this.problem = problem;
    this.providerError = providerError;
  }
}

export class Replies {
  readonly #sent: SentMessages;
  readonly #cartera: Cartera;
  readonly #numbers: Numbers;
  readonly #provider: Provider;
  readonly #log: Log;
  readonly #inOrder = new Serialized();

  constructor(sent: SentMessages, cartera: Cartera, numbers: Numbers, provider: Provider, log: Log) {
    this.#sent = sent;
    this.#cartera = cartera;
    this.#numbers = numbers;
    this.#provider = provider;
    this.#log = log;
  }

  /** Sends a message; returns the provider's id of it. Those of one interaction go out in the order they came. */
  async send(request: ReplyRequest): Promise<string> {
    return this.#inOrder.run(request.interactionId, () => this.#sendOnce(request));
  }

  async #sendOnce(request: ReplyRequest): Promise<string> {
    const callback = callbackOf(request);
    const fingerprint = referenceOf(request.agentId, request.text);
    const known = await this.#sent.find(callback);
    if (known !== undefined) {
      return outcomeOf(known, fingerprint);
    }
    const outgoing = await this.#outgoing(request, callback);
    await this.#sent.begin(callback, fingerprint);
    const providerMessageId = await this.#post(outgoing, callback);
    await this.#sent.taken(callback, providerMessageId);
    this.#log.info({ interaction: request.interactionId, agent: request.agentId }, "a reply was sent");
    return providerMessageId;
  }

  async #outgoing(request: ReplyRequest, callback: Callback): Promise<Outgoing> {
    const interaction = await this.#cartera.interaction(request.interactionId, request.minRevision);
    const number = interaction?.channel === Channel.MESSAGING ? this.#numbers.at(interaction.address) : undefined;
    if (interaction === undefined || number === undefined) {
      throw new ReplyError("interaction_unknown", "There is no such interaction at this gateway's numbers.");
    }
    requireHeldBy(interaction, request.agentId);
    return {
      phoneNumberId: number.phone_number_id,
      contactId: interaction.contactId,
      text: request.text,
      callbackData: writeCallback(callback),
    };
  }

  async #post(outgoing: Outgoing, callback: Callback): Promise<string> {
    try {
      return await this.#provider.send(outgoing);
    } catch (failure) {
      if (failure instanceof ProviderBusy) {
        await this.#sent.abandon(callback);
        throw new ReplyError("provider_busy", "The provider doesn't take it at the moment. Send it again.");
      }
      if (failure instanceof ProviderRefused) {
        const error = { code: failure.code, title: failure.message };
        await this.#sent.failed(callback, error);
        throw refused(error);
      }
      throw failure instanceof OutcomeUnknown ? unknownOutcome() : failure;
    }
  }
}

function callbackOf({ interactionId, messageId }: ReplyRequest): Callback {
  return { interaction_id: interactionId, message_id: messageId };
}

function requireHeldBy({ state, agentId }: Interaction, asking: string): void {
  if (state !== InteractionState.ASSIGNED) {
    throw new ReplyError("interaction_not_assigned", "No agent holds the interaction.");
  }
  if (agentId !== asking) {
    throw new ReplyError("agent_does_not_hold", "Another agent holds the interaction.");
  }
}

function outcomeOf(reply: Reply, fingerprint: string): string {
  if (reply.fingerprint !== fingerprint) {
    throw new ReplyError("message_id_reused", "Another message was sent under this message_id.");
  }
  if (reply.state === "failed") {
    throw refused(reply.error);
  }
  if (reply.providerMessageId === undefined) {
    throw unknownOutcome();
  }
  return reply.providerMessageId;
}

function refused(error: ProviderError | undefined): ReplyError {
  return new ReplyError("provider_refused", "The provider doesn't deliver it.", error);
}

function unknownOutcome(): ReplyError {
  return new ReplyError("outcome_unknown", "The provider may have it: it has not answered. A status will tell.");
}
