/** What agents' desktops call. */

import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";

import { type Replies, ReplyError, type ReplyProblem } from "./replies.js";
import { bears } from "./secrets.js";
import type { SentMessages } from "./sent-messages.js";

const STATUS: Readonly<Record<ReplyProblem, number>> = {
  interaction_unknown: 404,
  interaction_not_assigned: 409,
  agent_does_not_hold: 403,
  message_id_reused: 409,
  outcome_unknown: 504,
  provider_busy: 503,
  provider_refused: 422,
};

// Without a slash, and short enough to go to the provider along with the message.
const messageId = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);

const interactionPath = z.object({
  interaction_id: z.string().min(1).max(128),
});

const messagePath = interactionPath.extend({ message_id: messageId });

const body = z.strictObject({
  message_id: messageId,
  agent_id: z.string().min(1).max(128),
  text: z.string().min(1).max(4096),
  min_revision: z.int().min(0).default(0),
});

export interface ReplyParts {
  readonly replies: Replies;
  readonly sent: SentMessages;
  readonly desktopSecret: string;
}

/** Registers the desktops' calls. */
export function replyRoutes(scope: FastifyInstance, parts: ReplyParts, done: () => void): void {
  scope.addHook("onRequest", async (request, reply) => {
    if (!bears(request.headers.authorization, parts.desktopSecret)) {
      await reply.code(401).header("www-authenticate", "Bearer").send({ error: "unauthorized" });
    }
  });
  scope.post("/interactions/:interaction_id/messages", async (request, reply) => {
    const path = interactionPath.safeParse(request.params);
    const given = body.safeParse(request.body);
    return path.success && given.success
      ? await send(path.data.interaction_id, given.data, reply, parts)
      : invalid(reply, given.error ?? path.error);
  });
  scope.get("/interactions/:interaction_id/messages/:message_id", async (request, reply) => {
    const path = messagePath.safeParse(request.params);
    return path.success ? describe(path.data, reply, parts) : invalid(reply, path.error);
  });
  done();
}

async function send(
  interactionId: string,
  { message_id, agent_id: agentId, text, min_revision }: z.infer<typeof body>,
  reply: FastifyReply,
  { replies }: ReplyParts,
): Promise<FastifyReply> {
  const asked = { interactionId, messageId: message_id, agentId, text, minRevision: BigInt(min_revision) };
  const answer = await replies.send(asked).then((id) => ({ message_id, provider_message_id: id }), problemIn);
  return answer instanceof ReplyError ? problem(reply, answer) : reply.send(answer);
}

function problemIn(failure: unknown): ReplyError {
  if (failure instanceof ReplyError) {
    return failure;
  }
  throw failure;
}

function problem(reply: FastifyReply, { problem: error, message, providerError }: ReplyError): FastifyReply {
  return reply.code(STATUS[error]).send({ error, message, provider_error: providerError });
}

async function describe(
  path: z.infer<typeof messagePath>,
  reply: FastifyReply,
  { sent }: ReplyParts,
): Promise<FastifyReply> {
  const found = await sent.describe(path);
  if (found === undefined) {
    return reply.code(404).send({ error: "message_unknown" });
  }
  return reply.send({
    message_id: path.message_id,
    state: found.state,
    provider_message_id: found.providerMessageId,
    delivery_state: found.deliveryState,
    provider_error: found.error,
  });
}

function invalid(reply: FastifyReply, error: z.ZodError | undefined): FastifyReply {
  return reply.code(400).send({
    error: "invalid_request",
    message: error ? z.prettifyError(error) : "",
  });
}
