/** Calls of any method, with requests and answers in protobuf's JSON form: one attempt each. */

import {
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@cartera/client";
import { StatusSchema } from "@cartera/client/google/rpc/status";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

import { methodNamed, pathNamed, registry } from "./contract.js";

/** A call to be made. */
export interface Ask {
  /** Service and method, as a case names them. */
  readonly method: string;
  /** Bytes are sent as they are. */
  readonly request: JsonValue | Buffer;
  readonly metadata: ReadonlyMap<string, string>;
  /** In seconds. */
  readonly deadline: number;
}

/** What came of a call. */
export interface Outcome {
  readonly code: string;
  /** undefined for a failure, and where bytes were sent. */
  readonly answer?: JsonValue | undefined;
  /** Of a failure: the kind of each detail, and the detail. */
  readonly details: readonly (readonly [string, JsonValue])[];
  /** What gRPC says besides, for people. */
  readonly text: string;
}

/** Calls one server. */
export class Caller {
  readonly #channel: Client;

  constructor(address: string) {
    this.#channel = new Client(address, credentials.createInsecure(), {
      "grpc.enable_retries": 0,
      "grpc.max_receive_message_length": 64 * 1024 * 1024,
    });
  }

  close(): void {
    this.#channel.close();
  }

  /** A call of one answer. */
  async call(ask: Ask): Promise<Outcome> {
    const { request, decode } = encoded(ask);
    return await new Promise((resolve) => {
      this.#channel.makeUnaryRequest(
        pathNamed(ask.method),
        (bytes: Buffer) => bytes,
        decode,
        request,
        metadataOf(ask),
        { deadline: deadlineOf(ask) },
        (failure, answer) => {
          resolve(failure ? failed(failure) : { code: "OK", answer, details: [], text: "" });
        },
      );
    });
  }

  /** A call of many answers. */
  watch(ask: Ask): Watched {
    const { request, decode } = encoded(ask);
    const stream = this.#channel.makeServerStreamRequest(
      pathNamed(ask.method),
      (bytes: Buffer) => bytes,
      decode,
      request,
      metadataOf(ask),
      { deadline: deadlineOf(ask) },
    );
    return new Watched(stream);
  }
}

/** A stream that is read. */
export class Watched {
  /** How it ended, once it has. */
  end: Outcome | undefined;
  readonly #stream: ClientReadableStream<JsonValue | undefined>;
  readonly #messages: AsyncIterator<JsonValue>;

  constructor(stream: ClientReadableStream<JsonValue | undefined>) {
    // What is cancelled while nobody reads fails with nobody listening, and that would end the process.
    stream.on("error", () => undefined);
    this.#stream = stream;
    this.#messages = (stream as AsyncIterable<JsonValue>)[Symbol.asyncIterator]();
  }

  /** The next message; undefined where the stream has ended. */
  async next(): Promise<JsonValue | undefined> {
    try {
      const read = await this.#messages.next();
      if (read.done !== true) {
        return read.value;
      }
      this.end = { code: "OK", details: [], text: "" };
    } catch (failure) {
      this.end = failed(failure as ServiceError);
    }
    return undefined;
  }

  cancel(): void {
    this.#stream.cancel();
  }
}

/** A message as cases write it. */
export function inJson(schema: DescMessage, message: Message): JsonValue {
  return toJson(schema, message, { registry, alwaysEmitImplicit: true });
}

interface Encoded {
  readonly request: Buffer;
  readonly decode: (bytes: Buffer) => JsonValue | undefined;
}

function encoded({ method, request }: Ask): Encoded {
  return Buffer.isBuffer(request) ? { request, decode: () => undefined } : encodedBy(methodNamed(method), request);
}

function encodedBy({ input, output }: DescMethod, request: JsonValue): Encoded {
  return {
    request: Buffer.from(toBinary(input, fromJson(input, request, { registry }))),
    decode: (bytes) => inJson(output, fromBinary(output, bytes)),
  };
}

function metadataOf(ask: Ask): Metadata {
  const metadata = new Metadata();
  ask.metadata.forEach((value, key) => {
    metadata.set(key, value);
  });
  return metadata;
}

function deadlineOf(ask: Ask): number {
  return Date.now() + ask.deadline * 1_000;
}

function failed({ code, details, metadata }: ServiceError): Outcome {
  const [status] = metadata.get("grpc-status-details-bin");
  return { code: Code[code], details: Buffer.isBuffer(status) ? detailsOf(status) : [], text: details };
}

function detailsOf(status: Buffer): [string, JsonValue][] {
  return fromBinary(StatusSchema, status).details.map((packed) => {
    const { "@type": kind, ...detail } = inJson(AnySchema, packed) as JsonObject;
    return [packed.typeUrl.split(".").at(-1) ?? "", detail];
  });
}
