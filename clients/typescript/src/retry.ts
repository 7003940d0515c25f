/**
 * When a call is tried again.
 *
 * grpc-js itself retries within a call, by the published service config; what is here outlasts a restart of the service,
 * and obeys the delays that the service names. Both send the same request id, so that what is asked is done once.
 */

import { setTimeout as delay } from "node:timers/promises";

import { status as Code } from "@grpc/grpc-js";

import type { CarteraError } from "./errors.js";

/** How often a call is made, and the milliseconds between: doubled each time, or what the service says. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstDelay: 100, longestDelay: 2_000 };

/** How long to wait after so many failures. */
export function delayAfter(policy: RetryPolicy, failures: number, error: CarteraError): number {
  if (error.retryDelay !== undefined) {
    return error.retryDelay;
  }
  const longest = Math.min(policy.firstDelay * 2 ** (failures - 1), policy.longestDelay);
  return longest * (0.5 + Math.random() / 2); // So that callers don't return in step.
}

/** `RESOURCE_EXHAUSTED` without a delay is a message too large, which stays so. */
export function worthAnother(error: CarteraError): boolean {
  return error.code === Code.UNAVAILABLE || (error.code === Code.RESOURCE_EXHAUSTED && error.retryDelay !== undefined);
}

/** Whether a new token may help; once, since that one is no better where it is refused too. */
export function worthNewToken(error: CarteraError, failures: number): boolean {
  return failures === 1 && error.reason === "TOKEN_EXPIRED";
}

/** Waits, or throws the reason of the signal. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch (aborted) {
    signal?.throwIfAborted();
    throw aborted;
  }
}
