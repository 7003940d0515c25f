/** The provider's signature under what it delivers. */

import { createHmac, timingSafeEqual } from "node:crypto";

const HEADER = /^sha256=([0-9a-f]{64})$/;

/** Whether the header `X-Hub-Signature-256` is the app's signature of the body, byte for byte as it came. */
export function isSigned(body: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const given = HEADER.exec(header ?? "")?.[1];
  const expected = createHmac("sha256", appSecret).update(body).digest();
  return given !== undefined && timingSafeEqual(Buffer.from(given, "hex"), expected);
}
