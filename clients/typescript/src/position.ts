/** Where a watch has come: what survives its connections. */

import type { Timestamp } from "@bufbuild/protobuf/wkt";

import type { WatchEventsRequest, WatchEventsResponse } from "./generated/cartera/routing/v1/event_service_pb.js";
import type { Progress } from "./stream.js";

/** Where a watch begins: behind this revision. */
export interface Start {
  readonly revision: bigint;
  /** When the change of that revision happened: after a restore from a backup another may have the number. */
  readonly occurredAt?: Pick<Timestamp, "seconds" | "nanos"> | undefined;
}

/** A place in the feed: the fields of a Bookmark. To go on there after a restart, keep both. */
export interface Position extends Start {
  /** Everything up to it has been delivered. */
  readonly revision: bigint;
  readonly occurredAt?: Timestamp | undefined;
}

/** The place of a watch, kept in the request of its next connection. */
export class Place implements Progress<WatchEventsRequest, WatchEventsResponse> {
  readonly request: WatchEventsRequest;

  constructor(request: WatchEventsRequest) {
    this.request = request;
  }

  get revision(): bigint {
    return this.request.startAfterRevision ?? 0n;
  }

  get position(): Position {
    const occurredAt = this.request.startAfterOccurredAt;
    return { revision: this.revision, ...(occurredAt && { occurredAt }) };
  }

  /** Whether the step is new. The place moves on with it, with a bookmark too. */
  accept({ step }: WatchEventsResponse): boolean {
    if (step.case === undefined) {
      return false; // A kind of step that this client doesn't know.
    }
    const isNew = step.case === "bookmark" || step.value.revision > this.revision;
    this.#move(step.value);
    return isNew;
  }

  #move({ revision, occurredAt }: Position): void {
    if (revision > this.revision) {
      this.request.startAfterRevision = revision;
      delete this.request.startAfterOccurredAt;
    }
    if (revision === this.revision && occurredAt !== undefined) {
      this.request.startAfterOccurredAt = occurredAt;
    }
  }
}
