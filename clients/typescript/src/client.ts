/** The client: one channel, the services, and the watches. */

import { create } from "@bufbuild/protobuf";
import { type Duration, durationFromMs } from "@bufbuild/protobuf/wkt";
import { type ChannelCredentials, credentials, Client as GrpcClient } from "@grpc/grpc-js";

import type { Caller } from "./call.js";
import { CHANNEL_OPTIONS } from "./channel.js";
import { AgentService } from "./generated/cartera/routing/v1/agent_service_pb.js";
import { ConfigurationService } from "./generated/cartera/routing/v1/configuration_service_pb.js";
import { ContactService } from "./generated/cartera/routing/v1/contact_service_pb.js";
import type { EventKind } from "./generated/cartera/routing/v1/event_pb.js";
import { EventService, WatchEventsRequestSchema } from "./generated/cartera/routing/v1/event_service_pb.js";
import { MonitorService, WatchMonitorRequestSchema } from "./generated/cartera/routing/v1/monitor_service_pb.js";
import { PortfolioService } from "./generated/cartera/routing/v1/portfolio_service_pb.js";
import { RoutingService } from "./generated/cartera/routing/v1/routing_service_pb.js";
import type { Start } from "./position.js";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.js";
import { type ServiceClient, serviceClient } from "./service.js";
import { Session, type SessionOptions } from "./session.js";
import { MonitorWatch, Watch } from "./watch.js";

export const DEFAULT_ADDRESS = "127.0.0.1:7733";

export interface ClientOptions extends SessionOptions {
  /** Where the service is, as gRPC writes it: `127.0.0.1:7733`, `dns:///cartera.example.org:443`. */
  readonly address?: string;
  /** Those of a TLS connection; plain text, where nothing is said. */
  readonly credentials?: ChannelCredentials;
  /** How many milliseconds a call may take, all its attempts together. As published, where nothing is said. */
  readonly timeout?: number;
  /** When a call is tried again. */
  readonly retry?: RetryPolicy;
}

/** What a watch is to deliver: the filters that are given must all hold. */
export interface WatchOptions {
  /** Where it begins: behind this place. Now, where nothing is said. */
  readonly after?: Start;
  readonly agentIds?: string[];
  readonly workgroupIds?: string[];
  readonly interactionIds?: string[];
  readonly kinds?: EventKind[];
  /** After how many milliseconds without the service it fails. Never, where nothing is said. */
  readonly giveUpAfter?: number;
}

/** Which rows of the monitoring table: the filters that are given must all hold. */
export interface MonitorWatchOptions {
  readonly agentIds?: string[];
  readonly workgroupIds?: string[];
  /** The least number of milliseconds between two tables. A second, where nothing is said. */
  readonly interval?: number;
  /** After how many milliseconds without the service it fails. Never, where nothing is said. */
  readonly giveUpAfter?: number;
}

/** A client of one tenant. One is enough for a process: all calls share a channel. */
export class Client implements Disposable {
  readonly agents: ServiceClient<typeof AgentService>;
  readonly configuration: ServiceClient<typeof ConfigurationService>;
  readonly contacts: ServiceClient<typeof ContactService>;
  readonly events: ServiceClient<typeof EventService>;
  readonly monitor: ServiceClient<typeof MonitorService>;
  readonly portfolios: ServiceClient<typeof PortfolioService>;
  readonly routing: ServiceClient<typeof RoutingService>;
  readonly #caller: Caller;
  readonly #closing = new AbortController();

  constructor(options: ClientOptions = {}) {
    const caller = callerFrom(options, this.#closing.signal);
    this.#caller = caller;
    this.agents = serviceClient(caller, AgentService);
    this.configuration = serviceClient(caller, ConfigurationService);
    this.contacts = serviceClient(caller, ContactService);
    this.events = serviceClient(caller, EventService);
    this.monitor = serviceClient(caller, MonitorService);
    this.portfolios = serviceClient(caller, PortfolioService);
    this.routing = serviceClient(caller, RoutingService);
  }

  /** Follows the tenant's changes behind a place, or from now on; now is when the promise is fulfilled. */
  async watch({ after, giveUpAfter, ...filters }: WatchOptions = {}): Promise<Watch> {
    // Named even where it is now, so that a connection that is lost before the first step loses nothing either.
    const { revision, occurredAt } = after ?? (await this.#now());
    const request = create(WatchEventsRequestSchema, {
      ...filters,
      tenantId: this.#caller.session.tenantId,
      startAfterRevision: revision,
      ...(occurredAt && { startAfterOccurredAt: occurredAt }),
    });
    return new Watch(this.#caller, request, giveUpAfter);
  }

  /** Follows the monitoring table: one at once, then a new one whenever something has changed. */
  watchMonitor({ interval, giveUpAfter, ...filters }: MonitorWatchOptions = {}): MonitorWatch {
    const request = create(WatchMonitorRequestSchema, {
      ...filters,
      tenantId: this.#caller.session.tenantId,
      ...durationOf(interval),
    });
    return new MonitorWatch(this.#caller, request, giveUpAfter);
  }

  /** Ends the watches, and closes the channel. */
  close(): void {
    this.#closing.abort();
    this.#caller.channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #now(): Promise<Start> {
    return { revision: (await this.configuration.getTenant({})).revision };
  }
}

function callerFrom(options: ClientOptions, closed: AbortSignal): Caller {
  const { address = DEFAULT_ADDRESS, retry = DEFAULT_RETRY, timeout } = options;
  return {
    channel: new GrpcClient(address, options.credentials ?? credentials.createInsecure(), CHANNEL_OPTIONS),
    session: new Session(options),
    retry,
    timeout,
    closed,
  };
}

function durationOf(interval: number | undefined): { interval?: Duration } {
  return interval === undefined ? {} : { interval: durationFromMs(interval) };
}
