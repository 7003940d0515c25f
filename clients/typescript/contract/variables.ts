/** Variables: put into steps, and taken from what they bring. */

import type { JsonValue } from "@bufbuild/protobuf";

import { isObject } from "./json.js";

export type Variables = Record<string, JsonValue>;

/** A value with its variables put in. A string that is nothing but one becomes its value, of whatever kind. */
export function fill(value: JsonValue, variables: Variables): JsonValue {
  if (typeof value === "string") {
    return fillText(value, variables);
  }
  if (Array.isArray(value)) {
    return value.map((each) => fill(each, variables));
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, variables)]));
  }
  return value;
}

/** What stands in a value under a path: keys, and numbers in lists, with dots between them. "" is the whole. */
export function pick(value: JsonValue, path: string): JsonValue {
  let found: JsonValue | undefined = value;
  for (const part of path.split(".").filter(Boolean)) {
    found = Array.isArray(found) ? found[Number(part)] : isObject(found) ? found[part] : undefined;
  }
  if (found === undefined) {
    throw new Error(`there is nothing at ${path} to be saved`);
  }
  return found;
}

function fillText(text: string, variables: Variables): JsonValue {
  const alone = /^\$\{(\w+)\}$/.exec(text);
  if (alone?.[1] !== undefined) {
    return valueOf(alone[1], variables);
  }
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => written(valueOf(name, variables)));
}

function valueOf(name: string, variables: Variables): JsonValue {
  const value = variables[name];
  if (value === undefined) {
    throw new Error(`there is no variable ${name}`);
  }
  return value;
}

function written(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
