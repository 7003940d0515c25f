/** What the gateway asks of Cartera. */

import { readFileSync } from "node:fs";

import { CarteraError, Client, type ClientOptions, credentials, tokenFile, type Watch } from "@cartera/client";
import { Channel } from "@cartera/client/routing/v1/channel";
import { EventKind } from "@cartera/client/routing/v1/event";
import type { DeliveryState, Interaction } from "@cartera/client/routing/v1/interaction";

import type { BusinessNumber, Configuration } from "./configuration.js";
import type { Position } from "./state.js";

/** What a gateway that has not set itself apart otherwise asks for; see the table of notices in README.md. */
const FOLLOWED = [
  EventKind.INTERACTION_ARRIVED,
  EventKind.INTERACTION_ASSIGNED,
  EventKind.INTERACTION_TRANSFERRED_TO_AGENT,
  EventKind.INTERACTION_QUEUED,
  EventKind.INTERACTION_KEPT_FOR_OWNER,
  EventKind.INTERACTION_UNASSIGNED,
  EventKind.INTERACTION_EXPIRED,
  EventKind.INTERACTION_COMPLETED,
  EventKind.INTERACTION_CANCELLED,
];

// Who asks whether the gateway is ready doesn't wait for long.
const READY_MILLISECONDS = 2_000;

/** The reasons by which Cartera refuses a message for good: there is nothing to repeat. */
export interface Refusal {
  readonly reason: "CAMPAIGN_CLOSED" | "WORKGROUP_QUEUE_FULL";
  readonly opensAt?: string;
}

export class Cartera {
  readonly #client: Client;

  constructor(settings: Configuration["cartera"]) {
    this.#client = new Client(optionsOf(settings));
  }

  /** Routes a message of a contact's; the interaction that it began or joined, or why it was refused. */
  async route(number: BusinessNumber, contactId: string, requestId: string): Promise<string | Refusal> {
    try {
      const { interaction } = await this.#client.routing.routeInteraction({
        requestId,
        campaignId: number.campaign_id,
        contactId,
        channel: Channel.MESSAGING,
        address: number.address,
      });
      return interaction?.interactionId ?? "";
    } catch (failure) {
      return refusalIn(failure);
    }
  }

  /** Says how far a message has come; whose interaction isn't there any more needs nothing said. */
  async reportDelivery(
    interactionId: string,
    messageId: string,
    deliveryState: DeliveryState,
    requestId: string,
  ): Promise<void> {
    try {
      await this.#client.routing.reportDelivery({
        requestId,
        interactionId,
        messageId,
        deliveryState,
      });
    } catch (failure) {
      throwUnlessMissing(failure);
    }
  }

  /** The interaction as it is at a revision or later; undefined where there is none. */
  async interaction(interactionId: string, minRevision: bigint): Promise<Interaction | undefined> {
    try {
      const { view } = await this.#client.routing.getInteraction({
        interactionId,
        minRevision,
      });
      return view?.interaction;
    } catch (failure) {
      throwUnlessMissing(failure);
      return undefined;
    }
  }

  /** The name by which contacts are told who attends them. */
  async agentName(agentId: string): Promise<string> {
    try {
      const { agent } = await this.#client.agents.getAgent({ agentId });
      return agent?.name || agentId;
    } catch (failure) {
      throwUnlessMissing(failure);
      return agentId;
    }
  }

  /** What happens from a place in the feed on; from now where it is none. */
  async watch(position: Position | undefined): Promise<Watch> {
    const kinds = [...FOLLOWED];
    return this.#client.watch(position === undefined ? { kinds } : { kinds, after: placeOf(position) });
  }

  /** Whether it answers, and this gateway may ask. */
  async isReady(): Promise<boolean> {
    const asked = this.#client.configuration.getTenant({}, { timeout: READY_MILLISECONDS });
    return asked.then(
      () => true,
      () => false,
    );
  }

  close(): void {
    this.#client.close();
  }
}

/** Whether a call failed because of what was asked, so that repeating it is of no use. */
export function isPointless(failure: unknown): boolean {
  return failure instanceof CarteraError && POINTLESS.has(failure.reason);
}

// The others are outages, or settings that somebody will mend: what arrives meanwhile must not be lost.
const POINTLESS: ReadonlySet<string> = new Set(["INVALID_FIELD", "REQUEST_ID_REUSED", "CHANNEL_LACKS_DELIVERY_STATES"]);

function optionsOf(settings: Configuration["cartera"]): ClientOptions {
  return {
    address: settings.address,
    tenantId: settings.tenant_id,
    role: "gateway",
    subject: settings.subject,
    timeout: 1000 * settings.timeout_seconds,
    ...(settings.token_file === undefined ? {} : { token: tokenFile(settings.token_file) }),
    ...(settings.ca_file === undefined ? {} : { credentials: credentials.createSsl(readFileSync(settings.ca_file)) }),
  };
}

function placeOf({ revision, occurredAt }: Position) {
  return {
    revision: BigInt(revision),
    occurredAt: occurredAt && {
      $typeName: "google.protobuf.Timestamp" as const,
      seconds: BigInt(occurredAt.seconds),
      nanos: occurredAt.nanos,
    },
  };
}

function refusalIn(failure: unknown): Refusal {
  if (failure instanceof CarteraError) {
    const { reason, metadata } = failure;
    if (reason === "CAMPAIGN_CLOSED" || reason === "WORKGROUP_QUEUE_FULL") {
      return metadata["opens_at"] === undefined ? { reason } : { reason, opensAt: metadata["opens_at"] };
    }
  }
  throw failure;
}

function throwUnlessMissing(failure: unknown): void {
  if (!(failure instanceof CarteraError && failure.reason === "RESOURCE_NOT_FOUND")) {
    throw failure;
  }
}
