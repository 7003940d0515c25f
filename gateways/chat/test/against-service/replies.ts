import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, beforeEach, describe, test } from "node:test";

import { EventKind } from "@cartera/client/routing/v1/event";
import { DeliveryState, type Interaction } from "@cartera/client/routing/v1/interaction";

import { eventually } from "../harness/eventually.js";
import type { SentText } from "../harness/provider.js";
import { deliver, messageFrom, newContact, statusOf, together } from "../harness/webhook.js";
import { world } from "./world.js";

let contact: string;
let interaction: Interaction;

/** What agents' event streams say of a message, up to that it was read. */
async function statesOf({ id }: SentText): Promise<DeliveryState[]> {
  const states: DeliveryState[] = [];
  const kinds = [EventKind.MESSAGE_DELIVERY_CHANGED];
  for await (const { step } of await world.administrator.watch({
    after: { revision: 0n },
    kinds,
  })) {
    for (const { kind } of step.case === "change" ? step.value.events : []) {
      if (kind.case === "messageDeliveryChanged" && kind.value.messageId === id) {
        states.push(kind.value.deliveryState);
      }
    }
    if (states.includes(DeliveryState.READ)) {
      break;
    }
  }
  return states;
}

/** Sends a message of ana's, who holds the interaction; as the provider has it. */
async function sent(): Promise<SentText> {
  await world.claim(interaction.interactionId, "ana");
  const { status } = await world.reply(interaction.interactionId, {
    message_id: randomUUID(),
    agent_id: "ana",
    text: "Buenos días",
  });
  assert.equal(status, 200);
  return await eventually(() => repliesTo(contact)[0]);
}

function repliesTo(contact: string): SentText[] {
  return world.provider.sent.filter(({ to, text }) => to === `+${contact}` && text.body === "Buenos días");
}

async function deliverStatus(message: SentText, state: "sent" | "delivered" | "read" | "failed"): Promise<void> {
  assert.equal(await deliver(world.gateway.url, await status(message, state)), 200);
}

async function status({ id, biz_opaque_callback_data: callbackData }: SentText, state: Parameters<typeof statusOf>[1]) {
  return statusOf({ id, callbackData }, state);
}

function messageIdOf(message: SentText): string {
  return (
    JSON.parse(message.biz_opaque_callback_data ?? "{}") as {
      message_id: string;
    }
  ).message_id;
}

describe("agents' messages", () => {
  before(async () => world.online("ana", "carlos"));

  beforeEach(async () => {
    contact = newContact();
    await deliver(world.gateway.url, await messageFrom(contact));
    const [begun] = await world.interactionsOf(contact);
    assert.ok(begun);
    interaction = begun;
  });

  test("who holds the interaction writes to its contact, from the number that the contact wrote to", async () => {
    const message = await sent();
    assert.equal(message.path, "/v23.0/451879203364710/messages");
    assert.equal(message.authorization, "Bearer a token of access");
  });

  test("who doesn't hold the interaction can't write", async () => {
    const body = { message_id: "1", agent_id: "carlos", text: "Buenos días" };
    assert.deepEqual((await world.reply(interaction.interactionId, body)).body["error"], "interaction_not_assigned");
    await world.claim(interaction.interactionId, "ana");
    const answer = await world.reply(interaction.interactionId, body);
    assert.equal(answer.status, 403);
    assert.equal(answer.body["error"], "agent_does_not_hold");
    assert.deepEqual(repliesTo(contact), []);
  });

  test("who held the interaction can't write once it was transferred or has ended", async () => {
    const { interactionId } = interaction;
    const reply = (message_id: string, agent_id: string) =>
      world.reply(interactionId, { message_id, agent_id, text: "Buenos días" });
    await world.claim(interactionId, "ana");
    await world.administrator.routing.transfer({
      interactionId,
      target: { case: "agentId", value: "carlos" },
      note: "Es cliente suyo.",
    });
    assert.equal((await reply("1", "ana")).status, 403);
    assert.equal((await reply("2", "carlos")).status, 200);
    await world.administrator.routing.completeInteraction({
      interactionId,
      disposition: "Consulta resuelta",
    });
    assert.equal((await reply("3", "carlos")).status, 409);
  });

  test("a desktop without the secret can't write", async () => {
    const body = { message_id: "1", agent_id: "ana", text: "Buenos días" };
    const answer = await world.reply(interaction.interactionId, body, "another secret");
    assert.equal(answer.status, 401);
  });

  test("an interaction that isn't there has no messages", async () => {
    const answer = await world.reply("nowhere", {
      message_id: "1",
      agent_id: "ana",
      text: "Buenos días",
    });
    assert.equal(answer.status, 404);
    assert.equal((await world.replyState(interaction.interactionId, "1")).status, 404);
  });

  test("what is no message is refused, and why is said", async () => {
    const answer = await world.reply(interaction.interactionId, {
      message_id: "a/b",
      agent_id: "ana",
      text: "",
    });
    assert.equal(answer.status, 400);
    assert.match(String(answer.body["message"]), /message_id/);
    assert.match(String(answer.body["message"]), /text/);
  });

  test("a message is sent once under its id, also where it is asked for many times at once", async () => {
    await world.claim(interaction.interactionId, "ana");
    const body = {
      message_id: "the-one",
      agent_id: "ana",
      text: "Buenos días",
    };
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.reply(interaction.interactionId, body)));
    assert.equal(repliesTo(contact).length, 1);
    for (const answer of answers) {
      assert.deepEqual(answer, answers[0]);
    }
    const another = await world.reply(interaction.interactionId, {
      ...body,
      text: "Buenas tardes",
    });
    assert.equal(another.body["error"], "message_id_reused");
  });

  test("a limit of the provider's is waited for", async () => {
    await world.claim(interaction.interactionId, "ana");
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
    world.provider.next.push({ status: 429, headers: { "retry-after": "0" } }, { status: 500 });
    const body = { message_id: "1", agent_id: "ana", text: "Buenos días" };
    assert.equal((await world.reply(interaction.interactionId, body)).status, 200);
    assert.equal(repliesTo(contact).length, 1);
  });

  test("a message that the provider refuses is told with the provider's reason, and isn't sent again", async () => {
    await world.claim(interaction.interactionId, "ana");
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
    world.provider.next.push({
      status: 400,
      error: { code: 131047, message: "(#131047) Re-engagement message" },
    });
    const body = { message_id: "1", agent_id: "ana", text: "Buenos días" };
    for (let asked = 0; asked < 2; asked += 1) {
      const answer = await world.reply(interaction.interactionId, body);
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.body["provider_error"], {
        code: 131047,
        title: "(#131047) Re-engagement message",
      });
    }
    assert.deepEqual(repliesTo(contact), []);
  });

  test("whether a message was sent whose answer got lost is told by its status", async () => {
    await world.claim(interaction.interactionId, "ana");
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
    world.provider.next.push("silence");
    const body = { message_id: "1", agent_id: "ana", text: "Buenos días" };
    assert.equal((await world.reply(interaction.interactionId, body)).body["error"], "outcome_unknown");
    assert.equal((await world.reply(interaction.interactionId, body)).body["error"], "outcome_unknown");
    const [message, ...others] = repliesTo(contact);
    assert.ok(message);
    await deliverStatus(message, "sent");
    assert.equal((await world.reply(interaction.interactionId, body)).body["provider_message_id"], message.id);
    assert.deepEqual(others, []);
  });

  test("how far a message has come reaches the agents' event streams", async () => {
    const message = await sent();
    for (const state of ["sent", "delivered", "read"] as const) {
      await deliverStatus(message, state);
    }
    assert.deepEqual(await statesOf(message), [DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.READ]);
  });

  test("statuses out of order, again and at once never go backwards", async () => {
    const message = await sent();
    await deliverStatus(message, "delivered");
    await Promise.all((["sent", "delivered", "sent"] as const).map((state) => deliverStatus(message, state)));
    assert.equal(
      await deliver(world.gateway.url, together([await status(message, "read"), await status(message, "sent")])),
      200,
    );
    await deliverStatus(message, "delivered");
    assert.deepEqual(await statesOf(message), [DeliveryState.DELIVERED, DeliveryState.READ]);
    const state = await world.replyState(interaction.interactionId, messageIdOf(message));
    assert.equal(state.body["delivery_state"], "READ");
  });

  test("a message that could not be delivered is logged, and shown with the provider's reason", async () => {
    const message = await sent();
    const { biz_opaque_callback_data: _, ...withoutCallbackData } = message;
    await deliverStatus(message, "sent");
    await deliverStatus(withoutCallbackData, "failed");
    const { body } = await world.replyState(interaction.interactionId, messageIdOf(message));
    assert.equal(body["state"], "failed");
    assert.deepEqual(body["provider_error"], {
      code: 131026,
      title: "Message undeliverable",
    });
    assert.ok(world.gateway.log.some((line) => line.includes("131026")));
  });

  test("statuses of messages that another program has sent are left alone", async () => {
    const foreign = await statusOf({ id: "wamid.foreign", callbackData: "not ours" }, "read");
    assert.equal(await deliver(world.gateway.url, foreign), 200);
  });
});
