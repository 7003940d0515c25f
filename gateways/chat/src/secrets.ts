/** Secrets: where they come from, and how they are compared. */

import { createHash, timingSafeEqual } from "node:crypto";

/** What only the gateway and those it talks to know. It comes from the environment, never from a file of settings. */
export interface Secrets {
  /** The secret of the provider's app, with which the provider signs what it delivers. */
  readonly appSecret: string;
  /** What the provider says when a webhook is set up. */
  readonly verifyToken: string;
  /** What the gateway says to the provider's API. */
  readonly accessToken: string;
  /** What the desktops' server says to the gateway, and the gateway to it. */
  readonly desktopSecret: string;
}

const VARIABLES = {
  appSecret: "WHATSAPP_APP_SECRET",
  verifyToken: "WHATSAPP_VERIFY_TOKEN",
  accessToken: "WHATSAPP_ACCESS_TOKEN",
  desktopSecret: "DESKTOP_SECRET",
} as const;

export function readSecrets(environment: NodeJS.ProcessEnv): Secrets {
  const missing = Object.values(VARIABLES).filter((variable) => !environment[variable]);
  if (missing.length > 0) {
    throw new Error(`Set ${missing.join(", ")}.`);
  }
  const secret = (name: keyof Secrets) => environment[VARIABLES[name]] ?? "";
  return {
    appSecret: secret("appSecret"),
    verifyToken: secret("verifyToken"),
    accessToken: secret("accessToken"),
    desktopSecret: secret("desktopSecret"),
  };
}

/** Whether two secrets are the same, in a time that doesn't tell how much of them is. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whether an Authorization header bears the secret. */
export function bears(header: string | undefined, secret: string): boolean {
  return header !== undefined && sameSecret(header, `Bearer ${secret}`);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
