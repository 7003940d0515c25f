import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { eventually } from "../harness/eventually.js";
import type { SentText } from "../harness/provider.js";
import { type Delivery, deliver, messageFrom, newContact, statusOf, together } from "../harness/webhook.js";
import { world } from "./world.js";

const { gateway, service } = world;

async function isReady(): Promise<boolean> {
  return (await fetch(`${gateway.url}/ready`)).ok;
}

/** Begins a conversation; its interaction. */
async function begin(contact: string): Promise<string> {
  assert.equal(await deliver(gateway.url, await messageFrom(contact)), 200);
  const [interaction] = await world.interactionsOf(contact);
  assert.ok(interaction);
  return interaction.interactionId;
}

/** Lets ana take a conversation and write; her message as the provider has it. */
async function attend(interactionId: string, contact: string): Promise<SentText> {
  await world.claim(interactionId, "ana");
  await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
  assert.equal((await world.reply(interactionId, REPLY)).status, 200);
  const [sent] = world.provider.sent.slice(-1);
  assert.ok(sent);
  return sent;
}

const REPLY = { message_id: "1", agent_id: "ana", text: "Buenos días" };

describe("outages", () => {
  before(async () => world.online("ana"));

  test("a gateway that was killed goes on where it was: once routed, once sent, and every notice once", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    await deliver(gateway.url, message);
    const [interaction] = await world.interactionsOf(contact);
    const interactionId = interaction?.interactionId ?? "";
    const sent = await attend(interactionId, contact);
    await gateway.kill();
    await world.administrator.routing.completeInteraction({
      interactionId,
      disposition: "Consulta resuelta",
    });
    await gateway.run();

    assert.equal(await deliver(gateway.url, message), 200);
    assert.equal((await world.interactionsOf(contact)).length, 1);
    assert.equal((await world.reply(interactionId, REPLY)).body["provider_message_id"], sent.id);
    const later = newContact();
    await begin(later);
    await world.textsTo(later, ["Enseguida le atendemos."]);
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán.", "Buenos días"]);
  });

  test("a notice that the provider may have when the gateway is killed isn't sent again", async () => {
    const [contact, later] = [newContact(), newContact()];
    world.provider.next.push("stall");
    await begin(contact);
    await world.textsTo(contact, ["Enseguida le atendemos."]);
    await gateway.kill();
    await gateway.run();
    await begin(later);
    await world.textsTo(later, ["Enseguida le atendemos."]);
    assert.deepEqual(world.provider.textsTo(`+${contact}`), ["Enseguida le atendemos."]);
  });

  test("a gateway that has lost its state still has a message routed once", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    await deliver(gateway.url, message);
    await gateway.kill();
    await gateway.loseState();
    await gateway.run();
    assert.equal(await deliver(gateway.url, message), 200);
    const [interaction, ...others] = await world.interactionsOf(contact);
    assert.equal(interaction?.messages, 1);
    assert.deepEqual(others, []);
  });

  test("what happens while the gateway is away is told once it is back", async () => {
    const contact = newContact();
    const interactionId = await begin(contact);
    await world.textsTo(contact, ["Enseguida le atendemos."]);
    assert.equal(await gateway.stop(), 0);
    await world.claim(interactionId, "ana");
    await gateway.run();
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
  });

  test("a gateway that is killed in the midst of deliveries has each message routed once in the end", async () => {
    const contacts = Array.from({ length: 20 }, newContact);
    const deliveries = await Promise.all(
      contacts.map(async (contact) => together([await messageFrom(contact), await messageFrom(contact)])),
    );
    const shown = world.desktops.shown.length;
    const first = Promise.allSettled(deliveries.map((delivery) => deliver(gateway.url, delivery)));
    await eventually(() => world.desktops.shown.length > shown + 5);
    await gateway.kill();
    await first;
    await gateway.run();

    // As the provider does, until it is told that all is done.
    const again = (delivery: Delivery) => eventually(async () => (await deliver(gateway.url, delivery)) === 200);
    await Promise.all(deliveries.map(again));
    for (const contact of contacts) {
      const [interaction, ...others] = await world.interactionsOf(contact);
      assert.equal(interaction?.messages, 2);
      assert.deepEqual(others, []);
      assert.equal(new Set(world.desktops.of(`+${contact}`).map(({ message }) => message.id)).size, 2);
    }
  });

  test("while Cartera is away the provider is asked to deliver again, and once it is back nothing is missing", async () => {
    const [newcomer, waiting, attended] = [newContact(), newContact(), newContact()];
    const waitingId = await begin(waiting);
    const attendedId = await begin(attended);
    const sent = await attend(attendedId, attended);
    const message = await messageFrom(newcomer);
    const status = await statusOf({ id: sent.id, callbackData: sent.biz_opaque_callback_data }, "read");
    await service.kill();
    await service.copyDatabase("cartera", "copy");

    assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
    const reply = world.reply(waitingId, REPLY).then((answer) => answer.status);
    const away = [isReady(), deliver(gateway.url, message), deliver(gateway.url, status), reply];
    assert.deepEqual(await Promise.all(away), [false, 503, 503, 503]);

    await service.serve();
    await eventually(isReady);
    assert.equal(await deliver(gateway.url, together([message, status])), 200);
    assert.equal((await world.interactionsOf(newcomer)).length, 1);
    assert.equal((await world.replyState(attendedId, REPLY.message_id)).body["delivery_state"], "READ");
    await world.claim(waitingId, "ana");
    await world.textsTo(waiting, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
  });

  test("a service that was put back from a backup is followed from then on", async () => {
    const followed = () => gateway.log.filter((line) => line.includes("the feed is followed")).length;
    const before = followed();
    await service.kill();
    await service.copyDatabase("copy", "cartera");
    await service.serve();
    await eventually(() => followed() > before);
    const contact = newContact();
    await begin(contact);
    await world.textsTo(contact, ["Enseguida le atendemos."]);
  });

  test("a second gateway doesn't take the state of a first", async () => {
    const first = gateway.url;
    await assert.rejects(gateway.another(), /Another gateway uses/);
    assert.equal((await fetch(`${first}/health`)).status, 200);
  });
});
