/** Where the gateway writes what it does: never what is said, nor telephone numbers. */

/** A structured log, as pino's. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What may be said of a failure. Its text may quote what was asked, so only its kind is. */
export function told(failure: unknown): { readonly failure: string } {
  if (!(failure instanceof Error)) {
    return { failure: typeof failure };
  }
  const { name, reason, code } = failure as Error & {
    readonly reason?: unknown;
    readonly code?: unknown;
  };
  return {
    failure: [failure.constructor.name || name, reason || code].filter(Boolean).join(" "),
  };
}
