import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { readConfiguration } from "../src/configuration.js";
import { readSecrets } from "../src/secrets.js";
import { ROOT } from "./harness/service.js";

test("the example is a configuration", async () => {
  const configuration = await readConfiguration(join(ROOT, "configuration.yaml"));
  assert.equal(configuration.numbers[0]?.campaign_id, "atencion-whatsapp");
  assert.equal(configuration.state_directory, join(ROOT, "state"));
});

test("all that is wrong with a configuration is said at once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "configuration-"));
  const file = join(directory, "configuration.yaml");
  await writeFile(file, "state_directory: state\nnumbers: []\ncartera: {tenant_id: chat, adress: here}\n");
  await assert.rejects(
    readConfiguration(file),
    (error: Error) => error.message.includes("numbers") && error.message.includes("adress"),
  );
  await rm(directory, { recursive: true });
});

test("all secrets that are missing are named", () => {
  assert.throws(
    () => readSecrets({ WHATSAPP_APP_SECRET: "x", WHATSAPP_ACCESS_TOKEN: "x" }),
    new Error("Set WHATSAPP_VERIFY_TOKEN, DESKTOP_SECRET."),
  );
});
