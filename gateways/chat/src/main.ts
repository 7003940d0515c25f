#!/usr/bin/env node
/** Runs the gateway until SIGTERM or Ctrl-C. */

import { readConfiguration } from "./configuration.js";
import { startGateway } from "./gateway.js";
import { readSecrets } from "./secrets.js";

const LONGEST_END_MILLISECONDS = 30_000;

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) {
    throw new Error("Say which file has the settings: main.js configuration.yaml");
  }
  const gateway = await startGateway(await readConfiguration(file), readSecrets(process.env));
  process.stderr.write(`The gateway listens at ${gateway.address}\n`);
  await signalToEnd();
  endAnyway();
  await gateway.end();
}

function signalToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", resolve).once("SIGINT", resolve);
  });
}

/** What is under way may hang. All that matters is on the disk, and the provider delivers again. */
function endAnyway(): void {
  setTimeout(() => process.exit(1), LONGEST_END_MILLISECONDS).unref();
}

try {
  await main(process.argv[2]);
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
