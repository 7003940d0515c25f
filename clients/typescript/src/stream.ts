/** Streams that resume by themselves. */

import {
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { ClientReadableStream, Metadata } from "@grpc/grpc-js";

import { type Caller, pathOf } from "./call.js";
import { CarteraError, isServiceError } from "./errors.js";
import { Patience } from "./patience.js";
import { pause } from "./retry.js";

/** How far a stream has come, over all its connections. */
export interface Progress<Request, Step> {
  /** What the next connection asks for. */
  readonly request: Request;
  /** Takes note of a step. Whether it is to be delivered. */
  accept(step: Step): boolean;
}

/**
 * The steps of a stream, whatever connections do: `for await (const step of stream)`. It ends when that loop is left, by
 * `close()`, or by a CarteraError.
 */
export class ResumingStream<I extends DescMessage, O extends DescMessage> implements AsyncIterable<MessageShape<O>> {
  readonly #caller: Caller;
  readonly #method: DescMethodServerStreaming<I, O>;
  readonly #progress: Progress<MessageShape<I>, MessageShape<O>>;
  readonly #patience: Patience;
  readonly #closing = new AbortController();
  readonly #closed: AbortSignal;

  constructor(
    caller: Caller,
    method: DescMethodServerStreaming<I, O>,
    progress: Progress<MessageShape<I>, MessageShape<O>>,
    giveUpAfter: number | undefined,
  ) {
    this.#caller = caller;
    this.#method = method;
    this.#progress = progress;
    this.#closed = AbortSignal.any([this.#closing.signal, caller.closed]);
    this.#patience = new Patience({ retry: caller.retry, renews: caller.session.renews, giveUpAfter });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MessageShape<O>, void, undefined> {
    while (!this.#closed.aborted) {
      try {
        yield* this.#connection();
        await this.#pause(this.#patience.delayAfterEnd());
      } catch (failure) {
        await this.#recover(failure);
      }
    }
  }

  /** Ends it, from wherever; as closing the client does. */
  close(): void {
    this.#closing.abort();
  }

  /** The new steps of one connection. */
  async *#connection(): AsyncGenerator<MessageShape<O>, void, undefined> {
    const metadata = await this.#caller.session.metadata();
    if (this.#closed.aborted) {
      return;
    }
    const stream = this.#open(metadata);
    const cancel = () => {
      stream.cancel();
    };
    this.#closed.addEventListener("abort", cancel);
    try {
      for await (const step of stream as AsyncIterable<MessageShape<O>>) {
        this.#patience.reached();
        if (this.#progress.accept(step)) {
          yield step;
        }
      }
    } finally {
      this.#closed.removeEventListener("abort", cancel);
      stream.cancel();
    }
  }

  /** Unlike a call, it doesn't wait for the service to be ready: it shall know, and waits by itself. */
  #open(metadata: Metadata): ClientReadableStream<MessageShape<O>> {
    const { input, output } = this.#method;
    const stream = this.#caller.channel.makeServerStreamRequest(
      pathOf(this.#method),
      (request: MessageShape<I>) => Buffer.from(toBinary(input, request)),
      (bytes: Buffer) => fromBinary(output, bytes),
      this.#progress.request,
      metadata,
    );
    // What is cancelled after the loop was left fails with nobody listening, and that would end the process.
    stream.on("error", () => undefined);
    return stream;
  }

  async #recover(failure: unknown): Promise<void> {
    if (this.#closed.aborted) {
      return;
    }
    if (!isServiceError(failure)) {
      throw failure;
    }
    await this.#pause(this.#patience.delayAfter(new CarteraError(failure)));
  }

  async #pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, this.#closed).catch(() => undefined); // Closed meanwhile.
  }
}
