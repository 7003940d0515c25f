/** Patterns: whether a value is as a case wants it, and where not. */

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

import { isObject } from "./json.js";

type Value = JsonValue | undefined;

/** What is wrong with a value, and where; undefined where it matches. */
export function mismatch(pattern: JsonValue, value: Value, place = ""): string | undefined {
  if (Array.isArray(pattern)) {
    return ofList(pattern, value, place);
  }
  if (!isObject(pattern)) {
    return areEqual(pattern, value) ? undefined : said(place, value, JSON.stringify(pattern));
  }
  const [operator, ...others] = Object.keys(pattern);
  const check = others.length === 0 && operator !== undefined ? OPERATORS.get(operator) : undefined;
  return check === undefined ? ofObject(pattern, value, place) : check(Object.values(pattern)[0], value, place);
}

type Check = (wanted: Value, value: Value, place: string) => string | undefined;

const OPERATORS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["$present", present],
  ["$size", size],
  ["$includes", includes],
  ["$matches", matches],
]);

function present(wanted: Value, value: Value, place: string): string | undefined {
  return isEmpty(value) === wanted ? said(place, value, wanted ? "something" : "nothing") : undefined;
}

function size(wanted: Value, value: Value, place: string): string | undefined {
  const fits = Array.isArray(value) && value.length === wanted;
  return fits ? undefined : said(place, value, `a list of ${JSON.stringify(wanted)}`);
}

function includes(wanted: Value, value: Value, place: string): string | undefined {
  const patterns = Array.isArray(wanted) ? wanted : [];
  const elements = Array.isArray(value) ? value : [];
  const missing = patterns.find((pattern) => elements.every((element) => mismatch(pattern, element) !== undefined));
  return missing === undefined ? undefined : said(place, value, `a list with ${JSON.stringify(missing)}`);
}

function matches(wanted: Value, value: Value, place: string): string | undefined {
  const fits = typeof wanted === "string" && typeof value === "string" && new RegExp(wanted, "u").test(value);
  return fits ? undefined : said(place, value, `a text in which ${JSON.stringify(wanted)} is found`);
}

function ofObject(pattern: JsonObject, value: Value, place: string): string | undefined {
  if (!isObject(value)) {
    return said(place, value, "an object");
  }
  return firstOf(Object.entries(pattern), ([key, wanted]) => mismatch(wanted, value[key], `${place}.${key}`));
}

function ofList(pattern: JsonValue[], value: Value, place: string): string | undefined {
  if (!Array.isArray(value) || value.length !== pattern.length) {
    return said(place, value, `a list of ${pattern.length}`);
  }
  return firstOf([...pattern.entries()], ([index, wanted]) => mismatch(wanted, value[index], `${place}.${index}`));
}

function firstOf<T>(each: readonly T[], check: (one: T) => string | undefined): string | undefined {
  for (const one of each) {
    const wrong = check(one);
    if (wrong !== undefined) {
      return wrong;
    }
  }
  return undefined;
}

function isEmpty(value: Value): boolean {
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length === 0;
  }
  return value === undefined || value === null || ["", 0, "0", false].includes(value);
}

/** A number and a string are equal when they are written alike. */
function areEqual(pattern: JsonValue, value: Value): boolean {
  return pattern === value || (isPlain(pattern) && isPlain(value) && String(pattern) === String(value));
}

function isPlain(value: Value): value is number | string {
  return typeof value === "number" || typeof value === "string";
}

function said(place: string, value: Value, wanted: string): string {
  const found = value === undefined ? "nothing" : JSON.stringify(value);
  return `${place.replace(/^\./, "") || "the whole"} is ${found}, not ${wanted}`;
}
