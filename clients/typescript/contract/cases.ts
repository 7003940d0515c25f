/** The cases, as they stand in their files. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** A call, or a watch, and what it shall bring. */
export interface Step {
  readonly call?: string;
  readonly watch?: string;
  readonly as?: string;
  readonly metadata?: Record<string, string>;
  readonly request?: JsonValue;
  /** In base64. */
  readonly bytes?: string;
  /** In seconds. */
  readonly deadline?: number;
  readonly burst?: number;
  readonly skip?: JsonValue;
  readonly expect?: Expectation;
  readonly save?: Record<string, string>;
}

/** What a step shall bring. */
export interface Expectation {
  readonly code?: string;
  readonly response?: JsonValue;
  readonly messages?: JsonValue[];
  readonly reason?: string;
  readonly metadata?: JsonValue;
  readonly message?: string;
  readonly locale?: string;
  readonly details?: JsonObject;
}

/** One claim, and the steps that prove it. */
export interface Case {
  readonly name: string;
  readonly target: string;
  /** Those of its floor first. */
  readonly steps: readonly Step[];
}

interface Written {
  readonly name: string;
  readonly target?: string;
  readonly floor?: string;
  readonly steps: Step[];
}

const FLOORS = "floors.json";

/** All cases, in the order of their files. */
export async function loadCases(directory: string): Promise<Case[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith(".json") && name !== FLOORS).sort();
  const floors = await readJson<Record<string, Step[]>>(join(directory, FLOORS));
  const documents = await Promise.all(files.map((name) => readJson<{ cases: Written[] }>(join(directory, name))));
  return documents.flatMap(({ cases }) => cases.map((written) => caseOf(written, floors)));
}

/** A file of JSON, which is taken for what it should be. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}

function caseOf({ name, target = "main", floor, steps }: Written, floors: Record<string, Step[]>): Case {
  const before = floor === undefined ? [] : floors[floor];
  if (before === undefined) {
    throw new Error(`${name} has the floor ${String(floor)}, which there isn't`);
  }
  return { name, target, steps: [...before, ...steps] };
}
