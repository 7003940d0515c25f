import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { OutcomeUnknown, Provider, ProviderBusy, ProviderRefused } from "../src/provider.js";
import { ProviderStub } from "./harness/provider.js";

const TEXT = {
  phoneNumberId: "451879203364710",
  contactId: "+34611000002",
  text: "Hola",
};

let stub: ProviderStub;
let provider: Provider;

beforeEach(async () => {
  stub = await ProviderStub.start();
  provider = providerAt(stub.url);
});

afterEach(async () => stub.end());

function providerAt(base_url: string): Provider {
  const settings = {
    version: "v23.0",
    timeout_seconds: 1,
    attempts: 3,
    first_pause_seconds: 0.01,
    messages_at_once: 2,
  };
  return new Provider({ ...settings, base_url }, "token");
}

test("a text goes to the number's messages", async () => {
  const id = await provider.send({ ...TEXT, callbackData: "{}" });
  const [sent] = stub.sent;
  assert.equal(sent?.id, id);
  assert.equal(sent.path, "/v23.0/451879203364710/messages");
  assert.equal(sent.authorization, "Bearer token");
  assert.equal(sent.to, "+34611000002");
  assert.equal(sent.text.body, "Hola");
  assert.equal(sent.biz_opaque_callback_data, "{}");
});

test("a contact who hides its number is written to by the provider's id of it", async () => {
  await provider.send({ ...TEXT, contactId: "ES.4829105537716284" });
  assert.equal(stub.sent[0]?.recipient, "ES.4829105537716284");
  assert.equal(stub.sent[0].to, undefined);
});

test("limits and outages are waited for", async () => {
  stub.next.push({ status: 429, headers: { "retry-after": "0" } }, { status: 503 });
  await provider.send(TEXT);
  assert.equal(stub.requests, 3);
  assert.equal(stub.sent.length, 1);
});

test("a limit that the provider tells by its code alone is waited for, too", async () => {
  stub.next.push({
    status: 400,
    error: { code: 131056, message: "(#131056) Pair rate limit hit" },
  });
  await provider.send(TEXT);
  assert.equal(stub.requests, 2);
});

test("after the last attempt the provider is busy", async () => {
  stub.next.push({ status: 500 }, { status: 500 }, { status: 500 });
  await assert.rejects(provider.send(TEXT), ProviderBusy);
  assert.equal(stub.requests, 3);
});

test("that the gateway isn't let in is no refusal of the message", async () => {
  const error = { code: 190, message: "Error validating access token" };
  stub.next.push({ status: 401, error }, { status: 401, error }, { status: 401, error });
  await assert.rejects(provider.send(TEXT), (failure) => failure instanceof ProviderBusy && failure.code === 190);
});

test("a refusal isn't repeated", async () => {
  stub.next.push({
    status: 400,
    error: { code: 131047, message: "(#131047) Re-engagement message" },
  });
  await assert.rejects(provider.send(TEXT), (error) => error instanceof ProviderRefused && error.code === 131047);
  assert.equal(stub.requests, 1);
});

test("an answer that got lost isn't asked for again: the message may have gone", async () => {
  stub.next.push("silence");
  await assert.rejects(provider.send(TEXT), OutcomeUnknown);
  assert.equal(stub.sent.length, 1);
});

test("who can't be reached has nothing: it is tried again, and then told", async () => {
  const away = await ProviderStub.start();
  const provider = providerAt(away.url);
  await away.end();
  await assert.rejects(provider.send(TEXT), ProviderBusy);
});
