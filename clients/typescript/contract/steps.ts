/** The steps of a case: each is played, and compared with what is expected. */

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

import type { Ask, Caller, Outcome, Watched } from "./calls.js";
import type { Expectation, Step } from "./cases.js";
import { mismatch } from "./patterns.js";
import { fill, pick, type Variables } from "./variables.js";

const DOMAIN = "cartera.dev";

/** Plays a step, and keeps what it saves. Throws where it isn't as expected. */
export async function play({ save = {}, ...step }: Step, caller: Caller, variables: Variables): Promise<void> {
  const filled = fill(step as JsonObject, variables) as Step;
  const brought = filled.watch === undefined ? await playCall(filled, caller) : await playWatch(filled, caller);
  for (const [name, path] of Object.entries(save)) {
    variables[name] = pick(brought, path);
  }
}

async function playCall(step: Step, caller: Caller): Promise<JsonValue> {
  const ask = askOf(step);
  if (step.burst !== undefined) {
    const outcomes = await Promise.all(Array.from({ length: step.burst }, () => caller.call(ask)));
    return judgeBurst(outcomes, step.expect ?? {});
  }
  const outcome = await caller.call(ask);
  judge(outcome, step.expect ?? {});
  return outcome.answer ?? {};
}

async function playWatch(step: Step, caller: Caller): Promise<JsonValue> {
  const stream = caller.watch(askOf(step));
  try {
    return await matched(stream, step);
  } finally {
    stream.cancel();
  }
}

async function matched(stream: Watched, { skip, expect = {} }: Step): Promise<JsonValue[]> {
  const messages: JsonValue[] = [];
  for (const [index, pattern] of (expect.messages ?? []).entries()) {
    const message = await nextOf(stream, skip);
    const wrong = message === undefined ? `the stream ended: ${stream.end?.code}` : mismatch(pattern, message);
    if (message === undefined || wrong !== undefined) {
      throw new Error(`message ${index}: ${wrong}`);
    }
    messages.push(message);
  }
  if ((expect.code ?? "OK") !== "OK") {
    await judgeEnd(stream, skip, expect);
  }
  return messages;
}

async function judgeEnd(stream: Watched, skip: JsonValue | undefined, expected: Expectation): Promise<void> {
  const surplus = await nextOf(stream, skip);
  if (stream.end === undefined) {
    throw new Error(`the stream went on with ${JSON.stringify(surplus)}`);
  }
  judge(stream.end, expected);
}

/** The next message that counts; undefined where the stream has ended. */
async function nextOf(stream: Watched, skip: JsonValue | undefined): Promise<JsonValue | undefined> {
  for (;;) {
    const message = await stream.next();
    if (message === undefined || skip === undefined || mismatch(skip, message) !== undefined) {
      return message;
    }
  }
}

/** Each succeeded or is as expected, and at least one is. */
function judgeBurst(outcomes: readonly Outcome[], expected: Expectation): JsonValue {
  const unexpected = outcomes.filter((outcome) => complaint(outcome, expected) !== undefined);
  for (const outcome of unexpected.filter(({ code }) => code !== "OK")) {
    judge(outcome, expected);
  }
  if (unexpected.length === outcomes.length) {
    throw new Error(`none of ${outcomes.length} is as expected`);
  }
  return outcomes.find(({ code }) => code === "OK")?.answer ?? {};
}

function judge(outcome: Outcome, expected: Expectation): void {
  const wrong = complaint(outcome, expected);
  if (wrong !== undefined) {
    throw new Error(wrong);
  }
}

/** What is not as expected; undefined where all is. */
function complaint({ code, answer = {}, details, text }: Outcome, expected: Expectation): string | undefined {
  const wanted = expected.code ?? "OK";
  if (code !== wanted) {
    return `the code is ${code}, not ${wanted}: ${text} ${JSON.stringify(details)}`;
  }
  const byKind = Object.fromEntries(details);
  if (Object.keys(byKind).length !== details.length) {
    return `a detail is there twice: ${JSON.stringify(details)}`;
  }
  return mismatch(patternOf(expected), { response: answer, ...byKind });
}

/** What is expected, by where it stands. */
function patternOf({ response, reason, metadata, message, locale, details }: Expectation): JsonObject {
  const info = given({ reason, metadata });
  const spoken = given({ message, locale });
  return {
    ...given({ response }),
    ...(info && { ErrorInfo: { domain: DOMAIN, ...info } }),
    ...(spoken && { LocalizedMessage: spoken }),
    ...details,
  };
}

/** Those that are there; undefined where none is. */
function given(fields: Record<string, JsonValue | undefined>): JsonObject | undefined {
  const entries = Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function askOf({ call, watch, as = "administrator/root", metadata = {}, bytes, request, deadline = 10 }: Step): Ask {
  return {
    method: call ?? watch ?? "",
    request: bytes === undefined ? (request ?? {}) : Buffer.from(bytes, "base64"),
    metadata: new Map([...identity(as), ...Object.entries(metadata)]),
    deadline,
  };
}

function identity(as: string): [string, string][] {
  const [role = "", ...subject] = as.split("/");
  const said: [string, string][] = [
    ["cartera-role", role],
    ["cartera-subject", subject.join("/")],
  ];
  return said.filter(([, value]) => value !== "");
}
