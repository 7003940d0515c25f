/**
 * A gateway in miniature: it routes, watches and resumes, reads errors, and repeats safely.
 *
 *     cartera serve
 *     cartera apply -f examples/demo-tenant.yaml
 *     clients/typescript/example 127.0.0.1:7733
 */

import { randomUUID } from "node:crypto";

import { CarteraError, Client, Code, type Position } from "@cartera/client";
import { AgentStatus } from "@cartera/client/routing/v1/agent";
import { Channel } from "@cartera/client/routing/v1/channel";
import { EventKind } from "@cartera/client/routing/v1/event";
import type { Interaction } from "@cartera/client/routing/v1/interaction";
import { RoutingOutcome } from "@cartera/client/routing/v1/routing_service";

const address = process.argv[2] ?? "127.0.0.1:7733";
const contact = `+34${Math.floor(600_000_000 + Math.random() * 100_000_000)}`;

await comeOnline("carlos");
using gateway = new Client({ address, tenantId: "demo", role: "gateway", subject: "voice-1", language: "es" });
const { interaction, before } = await route();
const behind = await follow(before, interaction);
await resume(behind, interaction);
await readErrors();

/** The desktop of an agent says that it is there. */
async function comeOnline(agentId: string): Promise<void> {
  using desktop = new Client({ address, tenantId: "demo", role: "agent", subject: agentId });
  await desktop.agents.setAgentStatus({ agentId, status: AgentStatus.ONLINE });
}

/**
 * A call arrives. While the service is away, grpc-js repeats what is published as safe, under one request id; the id of
 * the call in your own system makes it safe over a restart of the gateway, too.
 */
async function route(): Promise<{ interaction: Interaction; before: Position }> {
  const call = { campaignId: "ventas-voz", contactId: contact, channel: Channel.VOICE, requestId: randomUUID() };
  const answer = await gateway.routing.routeInteraction(call, { correlationId: `call-${call.requestId}` });
  const again = await gateway.routing.routeInteraction(call);
  if (answer.interaction === undefined || again.interaction?.interactionId !== answer.interaction.interactionId) {
    throw new Error("the same request id has to bring the same answer");
  }
  console.log(`${contact}: ${RoutingOutcome[answer.outcome]} ${answer.interaction.agentId}`.trimEnd());
  return { interaction: answer.interaction, before: { revision: answer.revision - 1n } };
}

/** Follows the interaction from its arrival, and returns the place from which to go on. */
async function follow(after: Position, { interactionId }: Interaction): Promise<Position> {
  const watch = await gateway.watch({ after, interactionIds: [interactionId] });
  for await (const { step } of watch) {
    if (step.case === "change") {
      console.log(`revision ${step.value.revision}: ${step.value.events.map(({ kind }) => kind.case).join(", ")}`);
      break;
    }
  }
  return watch.position;
}

/** Another watch goes on behind the first; over a lost connection a watch does so by itself. */
async function resume(after: Position, { interactionId }: Interaction): Promise<void> {
  const kinds = [EventKind.INTERACTION_CANCELLED];
  const watch = await gateway.watch({ after, interactionIds: [interactionId], kinds });
  await gateway.routing.cancelInteraction({ interactionId });
  for await (const { step } of watch) {
    if (step.case === "change") {
      console.log(`revision ${step.value.revision}: the contact has hung up`);
      break;
    }
  }
}

/** The message is for people, in their language; a program acts on the reason and the details. */
async function readErrors(): Promise<void> {
  try {
    await gateway.routing.routeInteraction({ campaignId: "ventas-voz", contactId: contact, channel: Channel.CHAT });
  } catch (error) {
    if (!(error instanceof CarteraError)) {
      throw error;
    }
    console.log(`${Code[error.code]} ${error.reason}: ${error.message}`);
    for (const { type, subject } of error.violations) {
      console.log(`  ${type} ${subject}`);
    }
  }
}
