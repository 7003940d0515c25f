/** A real server of grpc-js whose answers a test writes, one call after another. */

import { promisify } from "node:util";

import {
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { ConfigurationService } from "@cartera/client/routing/v1/configuration_service";
import { EventService } from "@cartera/client/routing/v1/event_service";
import { MonitorService } from "@cartera/client/routing/v1/monitor_service";
import { RoutingService } from "@cartera/client/routing/v1/routing_service";
import { type sendUnaryData, Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";

import { Asked, Opened, type Streaming, type Unary } from "./arrivals.js";
import { Queue } from "./queue.js";

type Arrival = [call: Unary | Streaming, respond: sendUnaryData<Message>];

/** The service: its calls wait until they are taken. */
export class ScriptedService {
  readonly #server = new Server();
  readonly #arrivals = new Map<string, Queue<Arrival>>();
  #port = 0;

  private constructor() {
    for (const service of [ConfigurationService, EventService, MonitorService, RoutingService]) {
      const handlers = service.methods.map((method) => [method.name, this.#handlerOf(method)] as const);
      this.#server.addService(definitionOf(service), Object.fromEntries(handlers));
    }
  }

  /** One that listens; at any port that is free, where none is named. */
  static async listening(port = 0): Promise<ScriptedService> {
    const service = new ScriptedService();
    const bind = promisify(service.#server.bindAsync.bind(service.#server));
    service.#port = await bind(`127.0.0.1:${port}`, ServerCredentials.createInsecure());
    return service;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The next call of a method. */
  async take<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>): Promise<Asked<I, O>> {
    const [call, respond] = await this.#arrivalsOf(method).take();
    return new Asked(method, call, respond);
  }

  /** The next stream of a method. */
  async takeStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
  ): Promise<Opened<I, O>> {
    const [call] = await this.#arrivalsOf(method).take();
    return new Opened(method, call as Streaming);
  }

  /** Breaks all connections. */
  stop(): void {
    this.#server.forceShutdown();
  }

  #handlerOf(method: DescMethod): (...arrival: Arrival) => void {
    return (...arrival) => {
      this.#arrivalsOf(method).put(arrival);
    };
  }

  #arrivalsOf({ name }: { readonly name: string }): Queue<Arrival> {
    const queue = this.#arrivals.get(name) ?? new Queue<Arrival>();
    this.#arrivals.set(name, queue);
    return queue;
  }
}

function definitionOf({ methods }: DescService): ServiceDefinition {
  return Object.fromEntries(
    methods.map(({ name, parent, methodKind, input, output }) => [
      name,
      {
        path: `/${parent.typeName}/${name}`,
        requestStream: false,
        responseStream: methodKind === "server_streaming",
        requestSerialize: (message: Message) => Buffer.from(toBinary(input, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
        responseSerialize: (message: Message) => Buffer.from(toBinary(output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
      },
    ]),
  );
}
