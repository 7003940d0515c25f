import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { InteractionState } from "@cartera/client/routing/v1/interaction";

import { DESKTOP_SECRET, NUMBERS, VERIFY_TOKEN } from "../harness/gateway.js";
import { deliver, messageFrom, newContact, newWamid, post, sample, together } from "../harness/webhook.js";
import { world } from "./world.js";

const { url } = world.gateway;

describe("contacts' messages", () => {
  test("the provider's question whether the webhook is ours is answered with its challenge", async () => {
    const query = new URLSearchParams({
      "hub.mode": "subscribe",
      "hub.verify_token": VERIFY_TOKEN,
      "hub.challenge": "1158201444",
    });
    const answer = await fetch(`${url}/webhook?${query.toString()}`);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "1158201444");
    query.set("hub.verify_token", "another");
    assert.equal((await fetch(`${url}/webhook?${query.toString()}`)).status, 403);
  });

  test("a message without the app's signature is refused, and nothing is routed", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    assert.equal(await deliver(url, message, "another secret"), 401);
    assert.equal(await post(url, JSON.stringify(message), {}), 401);
    assert.deepEqual(await world.interactionsOf(contact), []);
  });

  test("what isn't JSON, or no delivery, is refused", async () => {
    assert.equal(await deliver(url, "{"), 400);
    assert.equal(await deliver(url, "[]"), 400);
  });

  for (const name of [
    "text",
    "image",
    "audio",
    "button-reply",
    "list-reply",
    "template-button",
    "location",
    "contacts",
    "unsupported",
  ]) {
    test(`the documented ${name} begins an interaction`, async () => {
      const contact = newContact();
      assert.equal(await deliver(url, await messageFrom(contact, { name })), 200);
      const [interaction, ...others] = await world.interactionsOf(contact);
      assert.equal(interaction?.campaignId, "atencion-whatsapp");
      assert.equal(interaction.address, "+34600000200");
      assert.equal(interaction.state, InteractionState.QUEUED);
      assert.deepEqual(others, []);
    });
  }

  for (const name of ["reaction", "system"]) {
    test(`a documented ${name} is shown, and begins nothing`, async () => {
      const contact = newContact();
      assert.equal(await deliver(url, await messageFrom(contact, { name })), 200);
      assert.deepEqual(await world.interactionsOf(contact), []);
      assert.equal(world.desktops.of(`+${contact}`)[0]?.interaction_id, null);
    });
  }

  test("a contact who hides its number is routed by the provider's id of it", async () => {
    assert.equal(await deliver(url, await sample("hidden-number")), 200);
    const { views } = await world.administrator.routing.listInteractions({
      contactId: "ES.4829105537716284",
    });
    assert.equal(views.length, 1);
  });

  test("messages of a thread join, in one delivery and in many", async () => {
    const contact = newContact();
    assert.equal(await deliver(url, together([await messageFrom(contact), await messageFrom(contact)])), 200);
    assert.equal(await deliver(url, await messageFrom(contact)), 200);
    const [interaction, ...others] = await world.interactionsOf(contact);
    assert.equal(interaction?.messages, 3);
    assert.deepEqual(others, []);
  });

  test("a message that is delivered again changes nothing, and is shown once", async () => {
    const contact = newContact();
    const first = await messageFrom(contact);
    const second = await messageFrom(contact, { name: "image" });
    for (const delivery of [second, first, second, first]) {
      assert.equal(await deliver(url, delivery), 200);
    }
    assert.equal((await world.interactionsOf(contact))[0]?.messages, 2);
    assert.deepEqual(
      world.desktops.of(`+${contact}`).map(({ message }) => message["type"]),
      ["image", "text"],
    );
  });

  test("a message that is delivered twenty times at once is routed and shown once", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(url, message)));
    assert.deepEqual(new Set(answers), new Set([200]));
    const [interaction, ...others] = await world.interactionsOf(contact);
    assert.equal(interaction?.messages, 1);
    assert.deepEqual(others, []);
    assert.equal(world.desktops.of(`+${contact}`).length, 1);
  });

  test("messages that arrive again after their conversation has ended don't begin another", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    await deliver(url, message);
    const [interaction] = await world.interactionsOf(contact);
    await world.administrator.routing.cancelInteraction({
      interactionId: interaction?.interactionId ?? "",
    });
    assert.equal(await deliver(url, message), 200);
    assert.equal((await world.interactionsOf(contact)).length, 1);
  });

  test("a broken message doesn't block the others of its batch", async () => {
    assert.equal(await deliver(url, await sample("batch-with-broken-message")), 200);
    assert.equal((await world.interactionsOf("34611000002"))[0]?.messages, 2);
    assert.equal((await world.interactionsOf("34611000003")).length, 1);
  });

  test("a message that the desktops' server doesn't take is asked for again", async () => {
    const contact = newContact();
    const message = await messageFrom(contact);
    world.desktops.refuses = 1;
    assert.equal(await deliver(url, message), 503);
    assert.equal(await deliver(url, message), 200);
    assert.equal((await world.interactionsOf(contact))[0]?.messages, 1);
    assert.equal(world.desktops.of(`+${contact}`).length, 1);
  });

  test("the desktops' server is shown the message, its interaction and the contact's name", async () => {
    const contact = newContact();
    const id = newWamid();
    await deliver(url, await messageFrom(contact, { id }));
    const [interaction] = await world.interactionsOf(contact);
    const [shown] = world.desktops.of(`+${contact}`);
    assert.ok(shown);
    assert.equal(shown.interaction_id, interaction?.interactionId);
    assert.equal(shown.profile_name, "Elena Prieto");
    assert.equal(shown.message.id, id);
    assert.deepEqual(world.desktops.authorizations, new Set([`Bearer ${DESKTOP_SECRET}`]));
  });

  test("a message to a number of somebody else's is left alone", async () => {
    const contact = newContact();
    assert.equal(await deliver(url, await messageFrom(contact, { number: "999" })), 200);
    assert.deepEqual(await world.interactionsOf(contact), []);
  });

  test("a contact who finds the campaign closed is told so, once", async () => {
    const contact = newContact();
    for (let messages = 0; messages < 3; messages += 1) {
      assert.equal(await deliver(url, await messageFrom(contact, { number: NUMBERS.oficina })), 200);
    }
    await world.textsTo(contact, ["We are closed."]);
    assert.deepEqual(await world.interactionsOf(contact), []);
  });

  test("a contact who finds the queue full is told so", async () => {
    const [first, second] = [newContact(), newContact()];
    await world.online("lucia");
    for (const contact of [newContact(), first, second]) {
      assert.equal(await deliver(url, await messageFrom(contact, { number: NUMBERS.siniestros })), 200);
    }
    await world.textsTo(first, ["Enseguida le atendemos."]);
    await world.textsTo(second, ["Todas las líneas están ocupadas."]);
  });

  test("neither numbers nor contents nor the provider's message ids are in the log", async () => {
    const contact = newContact();
    const id = newWamid();
    await deliver(url, await messageFrom(contact, { id }));
    const log = world.gateway.log.join("\n");
    assert.match(log, /"a message was taken"/);
    for (const secret of [contact, id, "inscripciones", "Elena", VERIFY_TOKEN]) {
      assert.equal(log.includes(secret), false, secret);
    }
  });
});
