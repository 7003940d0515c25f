/** Watches: the feed of a tenant's changes, and its monitoring table, which resume by themselves. */

import type { Caller } from "./call.js";
import {
  EventService,
  type WatchEventsRequest,
  type WatchEventsRequestSchema,
  type WatchEventsResponseSchema,
} from "./generated/cartera/routing/v1/event_service_pb.js";
import {
  MonitorService,
  type WatchMonitorRequest,
  type WatchMonitorRequestSchema,
  type WatchMonitorResponseSchema,
} from "./generated/cartera/routing/v1/monitor_service_pb.js";
import { Place, type Position } from "./position.js";
import { ResumingStream } from "./stream.js";

/** The steps of the feed, changes and bookmarks: each change once and in order, whatever connections do. */
export class Watch extends ResumingStream<typeof WatchEventsRequestSchema, typeof WatchEventsResponseSchema> {
  readonly #place: Place;

  constructor(caller: Caller, request: WatchEventsRequest, giveUpAfter?: number) {
    const place = new Place(request);
    super(caller, EventService.method.watchEvents, place, giveUpAfter);
    this.#place = place;
  }

  /** Where another watch goes on behind this one: keep it once you have acted on a step. */
  get position(): Position {
    return this.#place.position;
  }
}

/** The monitoring tables, each whole: the newest is all that counts, and a new connection begins with one. */
export class MonitorWatch extends ResumingStream<typeof WatchMonitorRequestSchema, typeof WatchMonitorResponseSchema> {
  constructor(caller: Caller, request: WatchMonitorRequest, giveUpAfter?: number) {
    super(caller, MonitorService.method.watchMonitor, { request, accept: () => true }, giveUpAfter);
  }
}
