/** The webhook, which the provider calls. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import pLimit from "p-limit";

import type { Deliveries } from "../deliveries.js";
import type { InboundMessages } from "../inbound.js";
import { type Secrets, sameSecret } from "../secrets.js";
import { type Reading, readDelivery } from "./payload.js";
import { isSigned } from "./signature.js";

// The provider delivers up to 3 MB at once.
const LARGEST_BODY = 4 * 1024 * 1024;

// How many parts of one delivery are worked on at a time.
const AT_ONCE = 16;

export interface WebhookParts {
  readonly inbound: InboundMessages;
  readonly deliveries: Deliveries;
  readonly secrets: Secrets;
}

/** Registers the webhook, in a scope of its own: here a body is bytes, because its signature is of them. */
export function webhookRoutes(scope: FastifyInstance, parts: WebhookParts, done: () => void): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => {
    parsed(null, body);
  });
  scope.get("/webhook", (request, reply) => verify(request, reply, parts.secrets));
  scope.post("/webhook", { bodyLimit: LARGEST_BODY }, async (request, reply) => deliver(request, reply, parts));
  done();
}

/** The provider asks whether the webhook is ours. */
function verify(request: FastifyRequest, reply: FastifyReply, { verifyToken }: Secrets): FastifyReply {
  const query = request.query as Readonly<Record<string, unknown>>;
  const { "hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge } = query;
  const isOurs = mode === "subscribe" && typeof token === "string" && sameSecret(token, verifyToken);
  if (!isOurs || typeof challenge !== "string") {
    return reply.code(403).send();
  }
  return reply.type("text/plain").send(challenge);
}

async function deliver(request: FastifyRequest, reply: FastifyReply, parts: WebhookParts): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signature = request.headers["x-hub-signature-256"];
  if (typeof signature !== "string" || !isSigned(body, signature, parts.secrets.appSecret)) {
    return reply.code(401).send();
  }
  const reading = readDelivery(parseJson(body));
  if (reading === undefined) {
    return reply.code(400).send();
  }
  for (const problem of reading.unreadable) {
    request.log.warn({ problem }, "a part of a delivery can't be understood");
  }
  // The provider delivers all of it again where the answer isn't 200. What was done already is not done again.
  return reply.code((await take(reading, parts)) ? 200 : 503).send();
}

/** Takes each part, whatever becomes of the others. Whether none is left. */
async function take({ messages, statuses }: Reading, { inbound, deliveries }: WebhookParts): Promise<boolean> {
  const limit = pLimit(AT_ONCE);
  const taken = await Promise.all([
    ...messages.map((message) => limit(() => inbound.take(message))),
    ...statuses.map((status) => limit(() => deliveries.take(status))),
  ]);
  return taken.every(Boolean);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
