import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { CarteraError, Client, type ClientOptions, Code, DEFAULT_RETRY } from "@cartera/client";
import { RoutingService } from "@cartera/client/routing/v1/routing_service";

import { plain, refusal, retryAfter } from "./failures.js";
import { ScriptedService } from "./scripted.js";

const { routeInteraction, explainInteraction } = RoutingService.method;

describe("a call", () => {
  let service: ScriptedService;
  let client: Client;

  function connect(options: ClientOptions = {}): Client {
    client = new Client({ address: service.address, tenantId: "acme", ...options });
    return client;
  }

  beforeEach(async () => {
    service = await ScriptedService.listening();
  });

  afterEach(() => {
    client.close();
    service.stop();
  });

  it("is repeated by the service config, under one request id", async () => {
    const answered = connect().routing.routeInteraction({ contactId: "elena" });
    const first = await service.take(routeInteraction);
    first.fail(plain(Code.UNAVAILABLE));
    const second = await service.take(routeInteraction);
    second.answer({ revision: 7n });
    assert.equal((await answered).revision, 7n);
    assert.deepEqual(second.metadata.get("grpc-previous-rpc-attempts"), ["1"]);
    assert.notEqual(first.request.requestId, "");
    assert.deepEqual(second.request, first.request);
  });

  it("is repeated beyond the service config, under the same request id", async () => {
    const answered = connect().routing.routeInteraction({});
    const requestIds = new Set<string>();
    const attempts = 7; // The service config has five.
    for (let failed = 0; failed < attempts; failed += 1) {
      const attempt = await service.take(routeInteraction);
      requestIds.add(attempt.request.requestId);
      attempt.fail(plain(Code.UNAVAILABLE));
    }
    (await service.take(routeInteraction)).answer({ revision: 1n });
    await answered;
    assert.equal(requestIds.size, 1);
  });

  it("waits for a service that restarts", async () => {
    const before = connect().routing.routeInteraction({});
    (await service.take(routeInteraction)).answer({});
    await before;
    service.stop();
    const answered = client.routing.routeInteraction({});
    service = await ScriptedService.listening(service.port);
    (await service.take(routeInteraction)).answer({ revision: 3n });
    assert.equal((await answered).revision, 3n);
  });

  it("waits for its whole deadline where nobody listens", async () => {
    service.stop();
    connect({ retry: { ...DEFAULT_RETRY, attempts: 1 }, timeout: 2_500 });
    await assert.rejects(client.routing.routeInteraction({}), { code: Code.DEADLINE_EXCEEDED });
  });

  it("that was refused is not repeated", async () => {
    const answered = connect().routing.routeInteraction({ requestId: "sip-1" });
    (await service.take(routeInteraction)).fail(refusal(Code.FAILED_PRECONDITION, "CAMPAIGN_CLOSED"));
    await assert.rejects(answered, { code: Code.FAILED_PRECONDITION, reason: "CAMPAIGN_CLOSED", requestId: "sip-1" });
  });

  it("that met a full queue is repeated after the delay that the service names", async () => {
    const answered = connect().routing.routeInteraction({});
    (await service.take(routeInteraction)).fail(refusal(Code.RESOURCE_EXHAUSTED, "TENANT_QUEUE_FULL", retryAfter(150)));
    const failedAt = performance.now();
    (await service.take(routeInteraction)).answer({});
    await answered;
    assert.ok(performance.now() - failedAt >= 140);
  });

  it("is not repeated after a delay that is longer than its deadline", async () => {
    const answered = connect().routing.routeInteraction({});
    (await service.take(routeInteraction)).fail(
      refusal(Code.RESOURCE_EXHAUSTED, "WORKGROUP_QUEUE_FULL", retryAfter(30_000)),
    );
    await assert.rejects(answered, { reason: "WORKGROUP_QUEUE_FULL", retryDelay: 30_000 });
  });

  it("has the published deadline, which each method has of its own", async () => {
    const routed = connect().routing.routeInteraction({});
    const explained = client.routing.explainInteraction({});
    const [route, explanation] = [await service.take(routeInteraction), await service.take(explainInteraction)];
    assert.ok(route.remaining > 8_000 && route.remaining <= 10_000);
    assert.ok(explanation.remaining > 100_000 && explanation.remaining <= 120_000);
    route.answer({});
    explanation.answer({});
    await Promise.all([routed, explained]);
  });

  it("ends at a deadline of its own", async () => {
    const answered = connect().routing.routeInteraction({ requestId: "sip-2" }, { timeout: 50 });
    await assert.rejects(answered, { code: Code.DEADLINE_EXCEEDED, reason: "", requestId: "sip-2" });
  });

  it("ends with the reason of its signal", async () => {
    const hungUp = new Error("hung up");
    const abort = new AbortController();
    const answered = connect().routing.routeInteraction({}, { signal: abort.signal });
    await service.take(routeInteraction);
    abort.abort(hungUp);
    await assert.rejects(answered, hungUp);
  });

  it("whose token has expired is repeated once with a new one", async () => {
    const tokens = ["old", "new"];
    const answered = connect({ token: () => tokens.shift() ?? "" }).routing.routeInteraction({});
    const first = await service.take(routeInteraction);
    first.fail(refusal(Code.UNAUTHENTICATED, "TOKEN_EXPIRED"));
    const second = await service.take(routeInteraction);
    second.fail(refusal(Code.UNAUTHENTICATED, "TOKEN_EXPIRED"));
    await assert.rejects(answered, CarteraError);
    assert.deepEqual(first.metadata.get("authorization"), ["Bearer old"]);
    assert.deepEqual(second.metadata.get("authorization"), ["Bearer new"]);
  });

  it("says who calls, in which language, and by which id to find it", async () => {
    connect({ role: "gateway", subject: "voice-1", language: "es" });
    const answered = client.routing.routeInteraction({}, { correlationId: "call-1" });
    const call = await service.take(routeInteraction);
    call.answer({});
    await answered;
    assert.equal(call.request.tenantId, "acme");
    for (const [key, value] of [
      ["cartera-role", "gateway"],
      ["cartera-subject", "voice-1"],
      ["accept-language", "es"],
      ["x-correlation-id", "call-1"],
    ] as const) {
      assert.deepEqual(call.metadata.get(key), [value]);
    }
  });

  it("names a subject that is not ASCII as bytes", async () => {
    const answered = connect({ role: "agent", subject: "Lucía" }).routing.routeInteraction({});
    const call = await service.take(routeInteraction);
    call.answer({});
    await answered;
    assert.deepEqual(call.metadata.get("cartera-subject-bin"), [Buffer.from("Lucía")]);
    assert.deepEqual(call.metadata.get("cartera-subject"), []);
  });
});
