/** The gateway: all its parts, and their wiring. */

import type { FastifyInstance } from "fastify";

import { Cartera } from "./cartera.js";
import type { Configuration } from "./configuration.js";
import { Conversations } from "./conversations.js";
import { Deliveries } from "./deliveries.js";
import { Desktops } from "./desktops.js";
import { Feed } from "./feed.js";
import { InboundMessages } from "./inbound.js";
import { type Log, told } from "./log.js";
import { Notices } from "./notices.js";
import { Numbers } from "./numbers.js";
import { Provider } from "./provider.js";
import { Refusals } from "./refusals.js";
import { Replies } from "./replies.js";
import { replyRoutes } from "./reply-routes.js";
import type { Secrets } from "./secrets.js";
import { SentMessages } from "./sent-messages.js";
import { createServer } from "./server.js";
import { State } from "./state.js";
import { webhookRoutes } from "./webhook/routes.js";

// The provider delivers again for up to seven days.
const KEPT_MILLISECONDS = 8 * 24 * 60 * 60 * 1000;

const HOUR_MILLISECONDS = 60 * 60 * 1000;

export interface Gateway {
  /** Where it listens. */
  readonly address: string;
  /** Answers what it has been asked, and ends. */
  end(): Promise<void>;
}

export async function startGateway(configuration: Configuration, secrets: Secrets): Promise<Gateway> {
  const state = await State.open(configuration.state_directory);
  const cartera = new Cartera(configuration.cartera);
  const server = createServer(configuration);
  const { notices, feed } = assemble(server, configuration, secrets, state, cartera);
  await state.forgetBefore(Date.now() - KEPT_MILLISECONDS);
  const forgetting = forgetEveryHour(state, server.log);
  await notices.resume();
  feed.begin();
  const address = await server.listen(configuration.listen);
  return {
    address,
    end: async () => {
      clearInterval(forgetting);
      await server.close();
      await feed.end();
      await notices.end();
      cartera.close();
      await state.close();
    },
  };
}

function assemble(
  server: FastifyInstance,
  configuration: Configuration,
  secrets: Secrets,
  state: State,
  cartera: Cartera,
): { readonly notices: Notices; readonly feed: Feed } {
  const { log } = server;
  const numbers = new Numbers(configuration.numbers);
  const provider = new Provider(configuration.provider, secrets.accessToken);
  const notices = new Notices(state, provider, configuration.notices, log);
  const desktops = new Desktops(configuration.desktops, secrets.desktopSecret);
  const refusals = new Refusals(state, notices, configuration.notices);
  const inbound = new InboundMessages(state, cartera, numbers, desktops, refusals, log);
  const sent = new SentMessages(state);
  const deliveries = new Deliveries(state, cartera, sent, log);
  const replies = new Replies(sent, cartera, numbers, provider, log);
  const agentName = (agentId: string) => cartera.agentName(agentId);
  const conversations = new Conversations(state, numbers, configuration.notices, agentName);
  server.get("/ready", async (_request, reply) => {
    const ready = await cartera.isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "cartera_unreachable" });
  });
  server.register(webhookRoutes, { inbound, deliveries, secrets });
  server.register(replyRoutes, {
    replies,
    sent,
    desktopSecret: secrets.desktopSecret,
  });
  return {
    notices,
    feed: new Feed(state, cartera, conversations, notices, log),
  };
}

function forgetEveryHour(state: State, log: Log): NodeJS.Timeout {
  return setInterval(() => {
    state.forgetBefore(Date.now() - KEPT_MILLISECONDS).catch((failure: unknown) => {
      log.error(told(failure), "what is old could not be forgotten");
    });
  }, HOUR_MILLISECONDS);
}
