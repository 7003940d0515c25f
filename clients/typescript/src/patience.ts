/** When a stream that broke is opened anew, and when it is time to give up. */

import { status as Code } from "@grpc/grpc-js";

import type { CarteraError } from "./errors.js";
import { delayAfter, type RetryPolicy, worthNewToken } from "./retry.js";

/** What gRPC or a proxy says, without an ErrorReason, when a stream breaks. */
const BROKEN_CONNECTION: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.INTERNAL,
  Code.UNKNOWN,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
]);

const RESUMABLE_REASONS: ReadonlySet<string> = new Set([
  "WATCHER_TOO_SLOW",
  "SERVICE_DRAINING",
  "DATABASE_UNAVAILABLE",
  "TENANT_QUEUE_FULL",
  "KEYS_UNAVAILABLE",
  // Those that broke are counted until the service has noticed.
  "TOO_MANY_STREAMS",
]);

export interface PatienceOptions {
  readonly retry: RetryPolicy;
  readonly renews: boolean;
  /** In milliseconds; never, where nothing is said. */
  readonly giveUpAfter: number | undefined;
}

export class Patience {
  readonly #options: PatienceOptions;
  #failures = 0;
  #reachedAt = performance.now();

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** The service was reached: patience begins anew. */
  reached(): void {
    this.#failures = 0;
    this.#reachedAt = performance.now();
  }

  /** How long to wait after a stream that ended. */
  delayAfterEnd(): number {
    this.#failures += 1;
    return this.#options.retry.firstDelay;
  }

  /** How long to wait after a stream that broke; throws where another is of no use. */
  delayAfter(error: CarteraError): number {
    this.#failures += 1;
    if (!this.#worthAnother(error) || this.#isOver()) {
      throw error;
    }
    return delayAfter(this.#options.retry, this.#failures, error);
  }

  #worthAnother(error: CarteraError): boolean {
    return resumable(error) || (this.#options.renews && worthNewToken(error, this.#failures));
  }

  #isOver(): boolean {
    return performance.now() - this.#reachedAt >= (this.#options.giveUpAfter ?? Number.POSITIVE_INFINITY);
  }
}

function resumable(error: CarteraError): boolean {
  return error.reason ? RESUMABLE_REASONS.has(error.reason) : BROKEN_CONNECTION.has(error.code);
}
