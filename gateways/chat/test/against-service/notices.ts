import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { NUMBERS } from "../harness/gateway.js";
import { deliver, messageFrom, newContact } from "../harness/webhook.js";
import { world } from "./world.js";

/** Begins a conversation; its interaction. */
async function begin(contact: string, number: string = NUMBERS.atencion): Promise<string> {
  assert.equal(await deliver(world.gateway.url, await messageFrom(contact, { number })), 200);
  const [interaction] = await world.interactionsOf(contact);
  assert.ok(interaction);
  return interaction.interactionId;
}

describe("notices", () => {
  before(async () => world.online("ana", "carlos"));

  test("a contact who waits is told so, and then who attends it", async () => {
    const contact = newContact();
    const interactionId = await begin(contact);
    await begin(contact);
    await world.claim(interactionId, "ana");
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
  });

  test("a contact whose conversation goes to another agent is told so", async () => {
    const contact = newContact();
    const interactionId = await begin(contact);
    await world.claim(interactionId, "ana");
    await world.administrator.routing.transfer({
      interactionId,
      target: { case: "agentId", value: "carlos" },
      note: "Es cliente suyo.",
    });
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán.", "Le atiende Carlos Duarte."]);
  });

  test("a contact who waits for another reason than before isn't told twice", async () => {
    const contact = newContact();
    const where = { contactId: `+${contact}`, campaignId: "atencion-whatsapp" };
    const { contacts, portfolios, routing } = world.administrator;
    await contacts.createContact({ contact: { contactId: where.contactId } });
    await portfolios.setExclusiveAgent({ ...where, agentId: "valentina" });
    await routing.assignInteraction({ interactionId: await begin(newContact()), agentId: "valentina" });
    const interactionId = await begin(contact);
    await portfolios.removeExclusiveAgent(where);
    await world.claim(interactionId, "ana");
    await world.textsTo(contact, ["Enseguida le atendemos.", "Le atiende Ana Beltrán."]);
  });

  test("a contact is told that nobody is online", async () => {
    const contact = newContact();
    await begin(contact, NUMBERS.guardia);
    await world.textsTo(contact, ["Ahora no hay nadie."]);
  });

  test("a contact is told in its own language", async () => {
    const contact = newContact();
    await world.administrator.contacts.createContact({
      contact: { contactId: `+${contact}`, language: "en-GB" },
    });
    await world.claim(await begin(contact), "ana");
    await world.textsTo(contact, ["Ana Beltrán is with you."]);
  });

  test("a notice that the provider doesn't take at first is sent later", async () => {
    const contact = newContact();
    world.provider.next.push({ status: 500 }, { status: 500 });
    await begin(contact);
    await world.textsTo(contact, ["Enseguida le atendemos."]);
  });

  test("a conversation on another channel isn't written to", async () => {
    const contact = newContact();
    const interactionId = await begin(contact);
    const before = world.provider.sent.length;
    await world.administrator.routing.cancelInteraction({ interactionId });
    await world.textsTo(contact, ["Enseguida le atendemos."]);
    assert.ok(world.provider.sent.length <= before + 1);
  });
});
