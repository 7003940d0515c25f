/** The gateway's HTTP server. */

import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";

import type { Configuration } from "./configuration.js";
import { told } from "./log.js";

// How long a request may take to come in whole.
const LONGEST_REQUEST_MILLISECONDS = 30_000;

const LARGEST_BODY = 64 * 1024;

/** Makes the server. It logs which route was asked and what was answered: paths and queries have secrets and ids. */
export function createServer({ log_level: level }: Pick<Configuration, "log_level">): FastifyInstance {
  const server = Fastify({
    bodyLimit: LARGEST_BODY,
    requestTimeout: LONGEST_REQUEST_MILLISECONDS,
    logger: { level, base: null },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 128 },
  });
  server.addHook("onResponse", async ({ routeOptions, method, log }, { statusCode, elapsedTime }) => {
    log.info(
      {
        method,
        route: routeOptions.url,
        status: statusCode,
        milliseconds: Math.round(elapsedTime),
      },
      "answered",
    );
  });
  server.setErrorHandler(answerFailure);
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "not_found" }));
  // Whether it lives; whether it can do anything is another question, at /ready.
  server.get("/health", (_request, reply) => reply.send({ status: "serving" }));
  return server;
}

function answerFailure(failure: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode = 503 } = failure;
  if (statusCode < 500) {
    return reply.code(statusCode).send({ error: "invalid_request", message: failure.message });
  }
  request.log.error(told(failure), "a request failed");
  return reply.code(503).header("retry-after", "1").send({ error: "unavailable" });
}
