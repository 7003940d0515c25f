/** A call of one answer: its attempts, which share a deadline and a request id. */

import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Client, Metadata } from "@grpc/grpc-js";

import { published } from "./channel.js";
import { CarteraError, isServiceError } from "./errors.js";
import { delayAfter, pause, type RetryPolicy, worthAnother, worthNewToken } from "./retry.js";
import type { Session } from "./session.js";

/** What may be said of a single call. */
export interface CallOptions {
  /** How many milliseconds the call may take, all its attempts together. As published, where nothing is said. */
  readonly timeout?: number;
  /** Ends the call: it is rejected with the signal's reason. What was asked for may be done nevertheless. */
  readonly signal?: AbortSignal;
  /** By it the call stands in the service's log: an id of the call or the conversation, no telephone number. */
  readonly correlationId?: string;
}

/** What the calls of a client are made with. */
export interface Caller {
  readonly channel: Client;
  readonly session: Session;
  readonly retry: RetryPolicy;
  /** In milliseconds; as published, where nothing is said. */
  readonly timeout: number | undefined;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
}

/** How many milliseconds a call may take for which nothing is published. */
const LONGEST = 120_000;

/** Makes a call, and makes it again where that is safe and may help. */
export async function call<I extends DescMessage, O extends DescMessage>(
  caller: Caller,
  method: DescMethodUnary<I, O>,
  fields: MessageInitShape<I>,
  options: CallOptions,
): Promise<MessageShape<O>> {
  const request = create(method.input, fields);
  caller.session.complete(method.input, request);
  const timeout = options.timeout ?? caller.timeout ?? published(pathOf(method)).timeout ?? LONGEST;
  const attempts = new Attempts(caller, timeout, requestIdOf(request));
  for (;;) {
    try {
      return await attempt(caller, method, request, attempts.deadline, options);
    } catch (failure) {
      options.signal?.throwIfAborted();
      await pause(attempts.delayAfter(failure), options.signal);
    }
  }
}

/** The path of a method, by which a server knows it. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

class Attempts {
  /** When the call must have its answer, in milliseconds since 1970. */
  readonly deadline: number;
  readonly #caller: Caller;
  readonly #requestId: string;
  #failures = 0;

  constructor(caller: Caller, timeout: number, requestId: string) {
    this.deadline = Date.now() + timeout;
    this.#caller = caller;
    this.#requestId = requestId;
  }

  /** How long to wait before the next attempt; throws where there is none. */
  delayAfter(failure: unknown): number {
    if (!isServiceError(failure)) {
      throw failure;
    }
    this.#failures += 1;
    const error = new CarteraError(failure, this.#requestId);
    const delay = delayAfter(this.#caller.retry, this.#failures, error);
    if (!this.#another(error) || Date.now() + delay >= this.deadline) {
      throw error;
    }
    return delay;
  }

  #another(error: CarteraError): boolean {
    const { retry, session } = this.#caller;
    const worth = worthAnother(error) || (session.renews && worthNewToken(error, this.#failures));
    return worth && this.#failures < retry.attempts;
  }
}

async function attempt<I extends DescMessage, O extends DescMessage>(
  caller: Caller,
  method: DescMethodUnary<I, O>,
  request: MessageShape<I>,
  deadline: number,
  options: CallOptions,
): Promise<MessageShape<O>> {
  const metadata = await caller.session.metadata();
  metadata.setOptions({ waitForReady: published(pathOf(method)).waitForReady });
  if (options.correlationId !== undefined) {
    metadata.set("x-correlation-id", options.correlationId);
  }
  return await send(caller.channel, method, request, { metadata, deadline, signal: options.signal });
}

interface Sending {
  readonly metadata: Metadata;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

function send<I extends DescMessage, O extends DescMessage>(
  channel: Client,
  method: DescMethodUnary<I, O>,
  request: MessageShape<I>,
  { metadata, deadline, signal }: Sending,
): Promise<MessageShape<O>> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const sent = channel.makeUnaryRequest(
      pathOf(method),
      (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      request,
      metadata,
      { deadline },
      (failure, answer) => {
        signal?.removeEventListener("abort", cancel);
        if (answer === undefined) {
          reject(failure ?? new Error(`${method.name} has no answer`));
        } else {
          resolve(answer);
        }
      },
    );
    const cancel = () => {
      sent.cancel();
    };
    signal?.addEventListener("abort", cancel);
  });
}

function requestIdOf(request: Message): string {
  return "requestId" in request ? String(request.requestId) : "";
}
