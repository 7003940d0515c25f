/** What a scripted service is asked. */

import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { Metadata, sendUnaryData, ServerUnaryCall, ServerWritableStream, StatusObject } from "@grpc/grpc-js";

export type Unary = ServerUnaryCall<Message, Message>;
export type Streaming = ServerWritableStream<Message, Message>;

/** A call that waits for its answer. */
export class Asked<I extends DescMessage, O extends DescMessage> {
  readonly request: MessageShape<I>;
  readonly metadata: Metadata;
  readonly #method: DescMethodUnary<I, O>;
  readonly #call: Unary;
  readonly #respond: sendUnaryData<Message>;

  constructor(method: DescMethodUnary<I, O>, call: Unary, respond: sendUnaryData<Message>) {
    this.request = call.request as MessageShape<I>;
    this.metadata = call.metadata;
    this.#method = method;
    this.#call = call;
    this.#respond = respond;
  }

  /** How many milliseconds the client still waits. */
  get remaining(): number {
    return Number(this.#call.getDeadline()) - Date.now();
  }

  answer(fields: MessageInitShape<O>): void {
    this.#respond(null, create(this.#method.output, fields));
  }

  fail(status: Partial<StatusObject>): void {
    this.#respond(status);
  }
}

/** A stream that waits for what is sent. */
export class Opened<I extends DescMessage, O extends DescMessage> {
  readonly request: MessageShape<I>;
  /** Fulfilled once the client has gone. */
  readonly cancelled: Promise<void>;
  readonly #method: DescMethodServerStreaming<I, O>;
  readonly #call: Streaming;

  constructor(method: DescMethodServerStreaming<I, O>, call: Streaming) {
    this.request = call.request as MessageShape<I>;
    this.cancelled = new Promise((resolve) => call.once("cancelled", resolve));
    this.#method = method;
    this.#call = call;
  }

  send(...steps: MessageInitShape<O>[]): void {
    for (const step of steps) {
      this.#call.write(create(this.#method.output, step));
    }
  }

  end(): void {
    this.#call.end();
  }

  fail(status: Partial<StatusObject>): void {
    this.#call.emit("error", status);
  }
}
