import assert from "node:assert/strict";
import { test } from "node:test";

import { isSigned } from "../src/webhook/signature.js";

// Reckoned by another program: printf 'ñandú' | openssl dgst -sha256 -hmac secreto
const BODY = Buffer.from("ñandú");
const SIGNATURE = "sha256=004b8b31f2385480a57e02144bb120595c7706d60c91985272d5a4b9ed9f00b0";

test("the app's signature of the bytes is good", () => {
  assert.equal(isSigned(BODY, SIGNATURE, "secreto"), true);
});

test("the signature of another body is bad", () => {
  assert.equal(isSigned(Buffer.from("ñandu"), SIGNATURE, "secreto"), false);
});

test("the signature with another secret is bad", () => {
  assert.equal(isSigned(BODY, SIGNATURE, "secreta"), false);
});

test("what isn't a signature is bad", () => {
  for (const header of [
    undefined,
    "",
    "sha256=",
    SIGNATURE.slice(0, -1),
    `${SIGNATURE}0`,
    SIGNATURE.replace("256", "1"),
  ]) {
    assert.equal(isSigned(BODY, header, "secreto"), false);
  }
});
