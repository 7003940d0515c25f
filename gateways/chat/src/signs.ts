/** What the feed's events say about a conversation. */

import type { Event } from "@cartera/client/routing/v1/event";
import { type Interaction, RoutingReason } from "@cartera/client/routing/v1/interaction";

import type { NoticeKind } from "./configuration.js";

/** What an event says. */
export type Sign =
  | {
      readonly type: "begun";
      readonly interactionId: string;
      readonly interaction: Interaction;
    }
  | {
      readonly type: "turned";
      readonly interactionId: string;
      readonly turn: Turn;
    }
  | {
      readonly type: "ended";
      readonly interactionId: string;
      readonly turn?: Turn;
    };

/** Something that the contact may be told. */
export interface Turn {
  readonly kind: NoticeKind;
  readonly agentId?: string;
}

/** The sign in an event; undefined where it has none. */
export function signIn({ kind }: Event): Sign | undefined {
  switch (kind.case) {
    case "interactionArrived":
      return kind.value.interaction && begun(kind.value.interaction);
    case "interactionAssigned":
    case "interactionTransferredToAgent":
      return turned(kind.value.interactionId, {
        kind: "assigned",
        agentId: kind.value.agentId,
      });
    case "interactionQueued":
      return turned(kind.value.interactionId, {
        kind: waitingBecauseOf(kind.value.reason),
      });
    case "interactionKeptForOwner":
      return turned(kind.value.interactionId, { kind: "waiting" });
    case "interactionUnassigned":
      return turned(kind.value.interactionId, { kind: "unassigned" });
    case "interactionExpired":
      return {
        type: "ended",
        interactionId: kind.value.interactionId,
        turn: { kind: "expired" },
      };
    case "interactionCompleted":
    case "interactionCancelled":
      return { type: "ended", interactionId: kind.value.interactionId };
    default:
      return undefined;
  }
}

function begun(interaction: Interaction): Sign {
  return {
    type: "begun",
    interactionId: interaction.interactionId,
    interaction,
  };
}

function turned(interactionId: string, turn: Turn): Sign {
  return { type: "turned", interactionId, turn };
}

function waitingBecauseOf(reason: RoutingReason): NoticeKind {
  return reason === RoutingReason.OUTSIDE_HOURS ? "outside_hours" : "waiting";
}
