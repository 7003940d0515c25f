/** The contract suite's runner for Node.js; tests/contract/cases/README.md says what it does. */

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { Caller } from "./calls.js";
import { type Case, loadCases, readJson } from "./cases.js";
import { type Line, readLine } from "./golden.js";
import { play } from "./steps.js";
import type { Variables } from "./variables.js";

const LANGUAGE = "node";
/** Cases have tenants of their own, so several can be played beside each other. */
const AT_ONCE = 4;

interface Target {
  readonly address: string;
  readonly variables?: Variables;
}

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly failure: string;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`it cannot be run: ${messageOf(error)}`);
  return 2;
});

async function main(): Promise<number> {
  const paths = readArguments();
  const cases = await loadCases(paths.cases);
  const golden = await readJson<{ messages: Line[] }>(paths.golden);
  const targets = await readJson<Record<string, Target>>(paths.targets);
  const results = {
    language: LANGUAGE,
    cases: await playAll(cases, targets),
    golden: await Promise.all(
      golden.messages.map((line) =>
        resultOf(line.name, () => {
          readLine(line);
        }),
      ),
    ),
  };
  await writeFile(paths.results, `${JSON.stringify(results, undefined, 1)}\n`);
  const failed = [...results.cases, ...results.golden].filter(({ passed }) => !passed);
  failed.forEach(({ name, failure }) => {
    console.error(`${name}: ${failure}`);
  });
  return failed.length === 0 ? 0 : 1;
}

function readArguments(): Record<"cases" | "golden" | "targets" | "results", string> {
  const option = { type: "string" } as const;
  const { values } = parseArgs({ options: { cases: option, golden: option, targets: option, results: option } });
  const { cases, golden, targets, results } = values;
  if (!cases || !golden || !targets || !results) {
    throw new Error("--cases, --golden, --targets and --results are needed");
  }
  return { cases, golden, targets, results };
}

async function playAll(cases: readonly Case[], targets: Record<string, Target>): Promise<Result[]> {
  const callers = new Map(Object.entries(targets).map(([name, { address }]) => [name, new Caller(address)]));
  const results: Result[] = [];
  const left = cases.entries();
  const playSome = async () => {
    for (const [index, each] of left) {
      results[index] = await resultOf(each.name, () => playCase(each, callers, targets));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playSome));
  callers.forEach((caller) => {
    caller.close();
  });
  return results;
}

async function playCase(
  { target, steps }: Case,
  callers: ReadonlyMap<string, Caller>,
  targets: Record<string, Target>,
): Promise<void> {
  const caller = callers.get(target);
  if (caller === undefined) {
    throw new Error(`there is no server ${target}`);
  }
  const tenant = `contract-${LANGUAGE}-${randomBytes(4).toString("hex")}`;
  const variables: Variables = { tenant, ...targets[target]?.variables };
  for (const [index, step] of steps.entries()) {
    await play(step, caller, variables).catch((error: unknown) => {
      throw new Error(`step ${index + 1}, ${step.call ?? step.watch ?? ""}: ${messageOf(error)}`, { cause: error });
    });
  }
}

async function resultOf(name: string, run: () => void | Promise<void>): Promise<Result> {
  try {
    await run();
    return { name, passed: true, failure: "" };
  } catch (error) {
    return { name, passed: false, failure: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
