/** Conditions that come true in a while. */

import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MILLISECONDS = 10_000;

const PAUSE_MILLISECONDS = 20;

/** The value that is found, once it is. */
export async function eventually<T>(find: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (Date.now() < deadline) {
    const found = await find();
    if (found !== undefined && found !== false) {
      return found;
    }
    await pause(PAUSE_MILLISECONDS);
  }
  throw new Error(`in vain: ${find.toString()}`);
}
