import assert from "node:assert/strict";
import { test } from "node:test";

import { readDelivery } from "../src/webhook/payload.js";
import { sample } from "./harness/webhook.js";

const MESSAGES = [
  ["text", "text"],
  ["image", "image"],
  ["audio", "audio"],
  ["button-reply", "interactive"],
  ["list-reply", "interactive"],
  ["template-button", "button"],
  ["location", "location"],
  ["contacts", "contacts"],
  ["reaction", "reaction"],
  ["unsupported", "unsupported"],
  ["system", "system"],
] as const;

for (const [name, type] of MESSAGES) {
  test(`the documented ${name} is read`, async () => {
    const reading = readDelivery(await sample(name));
    const [message] = reading?.messages ?? [];
    assert.equal(message?.type, type);
    assert.equal(message.contactId, "+34611000002");
    assert.equal(message.phoneNumberId, "451879203364710");
    assert.deepEqual(reading?.unreadable, []);
  });
}

for (const state of ["sent", "delivered", "read", "failed"]) {
  test(`the documented status ${state} is read`, async () => {
    const reading = readDelivery(await sample(`status-${state}`));
    const [status] = reading?.statuses ?? [];
    assert.equal(status?.status, state);
    assert.equal(status.error?.code, state === "failed" ? 131026 : undefined);
    assert.deepEqual(reading?.unreadable, []);
  });
}

test("the name that a contact has given itself is read", async () => {
  assert.equal(readDelivery(await sample("text"))?.messages[0]?.profileName, "Elena Prieto");
});

test("a contact who hides its number is known by the provider's id of it", async () => {
  const [message] = readDelivery(await sample("hidden-number"))?.messages ?? [];
  assert.equal(message?.contactId, "ES.4829105537716284");
  assert.equal(message.profileName, "Elena Prieto");
});

test("broken parts of a batch are left out, each with its reason and without what it says", async () => {
  const reading = readDelivery(await sample("batch-with-broken-message"));
  assert.equal(reading?.messages.length, 3);
  assert.deepEqual(reading.unreadable, [
    "message: id (invalid_type)",
    "message: it (invalid_type)",
    "change: value (invalid_type)",
  ]);
});

test("what is no delivery of a WhatsApp webhook is none", () => {
  for (const json of [
    undefined,
    null,
    1,
    [],
    {},
    { object: "page", entry: [] },
    { object: "whatsapp_business_account" },
  ]) {
    assert.equal(readDelivery(json), undefined);
  }
});
