import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CarteraError, Client, Code, type Watch, type WatchOptions } from "@cartera/client";
import { ConfigurationService } from "@cartera/client/routing/v1/configuration_service";
import { EventKind } from "@cartera/client/routing/v1/event";
import {
  EventService,
  type WatchEventsResponse,
  type WatchEventsResponseSchema,
} from "@cartera/client/routing/v1/event_service";
import { MonitorService } from "@cartera/client/routing/v1/monitor_service";

import { plain, refusal } from "./failures.js";
import { ScriptedService } from "./scripted.js";

const { watchEvents } = EventService.method;

type Step = MessageInitShape<typeof WatchEventsResponseSchema>;

function change(revision: bigint): Step {
  return { step: { case: "change", value: { revision } } };
}

function bookmark(revision: bigint): Step {
  return { step: { case: "bookmark", value: { revision } } };
}

/** The revisions of so many steps. */
async function read(steps: AsyncIterator<WatchEventsResponse>, count: number): Promise<bigint[]> {
  const revisions: bigint[] = [];
  while (revisions.length < count) {
    const step = await steps.next();
    assert.ok(step.done !== true && step.value.step.case !== undefined);
    revisions.push(step.value.step.value.revision);
  }
  return revisions;
}

describe("a watch", () => {
  let service: ScriptedService;
  let client: Client;
  let watch: Watch;

  async function follow(
    options: WatchOptions = { after: { revision: 3n } },
  ): Promise<AsyncIterator<WatchEventsResponse>> {
    watch = await client.watch(options);
    return watch[Symbol.asyncIterator]();
  }

  beforeEach(async () => {
    service = await ScriptedService.listening();
    client = new Client({ address: service.address, tenantId: "acme" });
  });

  afterEach(() => {
    watch.close();
    client.close();
    service.stop();
  });

  for (const last of [change(5n), bookmark(5n)]) {
    it(`resumes behind the last step, a ${last.step?.case ?? ""}`, async () => {
      const steps = await follow();
      const some = read(steps, 2);
      const first = await service.takeStream(watchEvents);
      first.send(change(4n), last);
      assert.deepEqual(await some, [4n, 5n]);
      first.fail(plain(Code.UNAVAILABLE));
      const another = read(steps, 1);
      const second = await service.takeStream(watchEvents);
      second.send(change(6n));
      assert.deepEqual(await another, [6n]);
      assert.equal(first.request.startAfterRevision, 3n);
      assert.equal(second.request.startAfterRevision, 5n);
      assert.equal(watch.position.revision, 6n);
    });
  }

  it("resumes at a service that was restarted", async () => {
    const steps = await follow();
    const some = read(steps, 1);
    (await service.takeStream(watchEvents)).send(change(4n));
    assert.deepEqual(await some, [4n]);
    const another = read(steps, 1);
    service.stop();
    service = await ScriptedService.listening(service.port);
    const resumed = await service.takeStream(watchEvents);
    resumed.send(change(5n));
    assert.deepEqual(await another, [5n]);
    assert.equal(resumed.request.startAfterRevision, 4n);
  });

  it("resumes after a stream that ended, with its filters and its tenant", async () => {
    const steps = await follow({ after: { revision: 0n }, agentIds: ["ana"], kinds: [EventKind.AGENT_STATUS_CHANGED] });
    const some = read(steps, 1);
    (await service.takeStream(watchEvents)).end();
    const second = await service.takeStream(watchEvents);
    second.send(change(1n));
    assert.deepEqual(await some, [1n]);
    assert.equal(second.request.tenantId, "acme");
    assert.deepEqual(second.request.agentIds, ["ana"]);
    assert.deepEqual(second.request.kinds, [EventKind.AGENT_STATUS_CHANGED]);
  });

  it("says when the last change happened, as far as that is known", async () => {
    const [first, second] = [timestampFromMs(11_000), timestampFromMs(12_000)];
    const told: Step[] = [
      bookmark(1n),
      bookmark(2n),
      { step: { case: "change", value: { revision: 3n, occurredAt: second } } },
      bookmark(3n),
    ];
    const steps = await follow({ after: { revision: 1n, occurredAt: first } });
    const said = [];
    for (const step of told) {
      const one = read(steps, 1);
      const stream = await service.takeStream(watchEvents);
      said.push(stream.request.startAfterOccurredAt);
      stream.send(step);
      await one;
      stream.end();
    }
    assert.deepEqual(said, [first, first, undefined, second]);
    assert.deepEqual(watch.position, { revision: 3n, occurredAt: second });
  });

  it("delivers no change twice", async () => {
    const steps = await follow();
    const some = read(steps, 3);
    const first = await service.takeStream(watchEvents);
    first.send(change(4n), change(5n));
    first.end();
    (await service.takeStream(watchEvents)).send(change(5n), change(6n));
    assert.deepEqual(await some, [4n, 5n, 6n]);
  });

  it("goes on where the service says that it can", async () => {
    const steps = await follow();
    const some = read(steps, 1);
    for (const reason of ["WATCHER_TOO_SLOW", "TOO_MANY_STREAMS", "SERVICE_DRAINING"]) {
      (await service.takeStream(watchEvents)).fail(refusal(Code.RESOURCE_EXHAUSTED, reason));
    }
    (await service.takeStream(watchEvents)).send(change(4n));
    assert.deepEqual(await some, [4n]);
  });

  it("ends where what comes next is no longer kept", async () => {
    const steps = await follow();
    const next = steps.next();
    (await service.takeStream(watchEvents)).fail(refusal(Code.OUT_OF_RANGE, "REVISION_PRUNED"));
    await assert.rejects(next, { code: Code.OUT_OF_RANGE, reason: "REVISION_PRUNED" });
    assert.equal((await steps.next()).done, true);
  });

  it("from now on begins at the revision of the moment", async () => {
    const following = follow({});
    (await service.take(ConfigurationService.method.getTenant)).answer({ revision: 41n });
    const some = read(await following, 1);
    (await service.takeStream(watchEvents)).end();
    const second = await service.takeStream(watchEvents);
    second.send(change(42n));
    assert.deepEqual(await some, [42n]);
    assert.equal(second.request.startAfterRevision, 41n);
  });

  it("ends when it is closed, and the service is told", async () => {
    const steps = await follow();
    const next = steps.next();
    const stream = await service.takeStream(watchEvents);
    watch.close();
    assert.equal((await next).done, true);
    await stream.cancelled;
  });

  it("ends with its client", async () => {
    const steps = await follow();
    const next = steps.next();
    const stream = await service.takeStream(watchEvents);
    client.close();
    assert.equal((await next).done, true);
    await stream.cancelled;
  });

  it("ends when its loop is left, and the service is told", async () => {
    watch = await client.watch({ after: { revision: 3n } });
    const looped = (async () => {
      for await (const { step } of watch) {
        assert.equal(step.case, "change");
        break;
      }
    })();
    const stream = await service.takeStream(watchEvents);
    stream.send(change(4n), change(5n));
    await looped;
    await stream.cancelled;
    assert.equal(watch.position.revision, 4n);
  });

  it("gives up when it is asked to", async () => {
    const steps = await follow({ after: { revision: 3n }, giveUpAfter: 0 });
    const next = steps.next();
    (await service.takeStream(watchEvents)).fail(plain(Code.INTERNAL, "broken"));
    await assert.rejects(next, CarteraError);
  });

  it("of the monitoring table begins anew with a whole one", async () => {
    const { watchMonitor } = MonitorService.method;
    const tables = client.watchMonitor({ workgroupIds: ["ventas"], interval: 500 });
    const looped = (async () => {
      const revisions: bigint[] = [];
      for await (const { revision } of tables) {
        revisions.push(revision);
        if (revisions.length === 2) {
          break;
        }
      }
      return revisions;
    })();
    const first = await service.takeStream(watchMonitor);
    first.send({ revision: 8n });
    first.end();
    const second = await service.takeStream(watchMonitor);
    second.send({ revision: 8n });
    assert.deepEqual(await looped, [8n, 8n]);
    assert.deepEqual(second.request, first.request);
  });
});
