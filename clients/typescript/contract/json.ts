/** JSON, as cases are written in it. */

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** Whether it is an object, not a list. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
