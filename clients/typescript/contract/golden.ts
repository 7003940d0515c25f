/** Golden bytes: messages as they were once written, which every client must read for ever. */

import { isDeepStrictEqual } from "node:util";

import { equals, fromBinary, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";

import { registry } from "./contract.js";

/** One message. */
export interface Line {
  readonly name: string;
  /** In base64. */
  readonly bytes: string;
  readonly json: JsonValue;
}

/** Reads a message as it was once written, and writes it anew. Throws where either is wrong. */
export function readLine({ name, bytes, json }: Line): void {
  const schema = registry.getMessage(name);
  if (schema === undefined) {
    throw new Error("there is no such message");
  }
  const message = fromBinary(schema, Buffer.from(bytes, "base64"));
  const printed = toJson(schema, message, { registry });
  if (!isDeepStrictEqual(printed, json)) {
    throw new Error(`the bytes are ${JSON.stringify(printed)}, not ${JSON.stringify(json)}`);
  }
  if (!equals(schema, fromJson(schema, json, { registry }), message)) {
    throw new Error("the JSON is another message than the bytes");
  }
}
