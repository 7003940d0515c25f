/** Failures as the service tells them. */

import { create, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { type Any, anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Code } from "@cartera/client";
import { ErrorInfoSchema, RetryInfoSchema } from "@cartera/client/google/rpc/error_details";
import { StatusSchema } from "@cartera/client/google/rpc/status";
import { Metadata, type StatusObject } from "@grpc/grpc-js";

/** A failure without details, as a proxy tells it. */
export function plain(code: Code, details = ""): StatusObject {
  return { code, details, metadata: new Metadata() };
}

/** A failure with its reason, and with what there is besides. */
export function refusal(code: Code, reason: string, ...details: Any[]): StatusObject {
  const info = detail(ErrorInfoSchema, { reason, domain: "cartera.dev" });
  return failure(code, toBinary(StatusSchema, create(StatusSchema, { code, details: [info, ...details] })));
}

/** A failure whose status is these bytes. */
export function failure(code: Code, status: Uint8Array): StatusObject {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status));
  return { code, details: "for developers", metadata };
}

/** After how many milliseconds to try again. */
export function retryAfter(milliseconds: number): Any {
  return detail(RetryInfoSchema, { retryDelay: durationFromMs(milliseconds) });
}

export function detail<T extends Message>(schema: GenMessage<T>, fields: MessageInitShape<GenMessage<T>>): Any {
  return anyPack(schema, create(schema, fields));
}
