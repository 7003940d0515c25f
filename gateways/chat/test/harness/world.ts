/** All that a test needs: a service, the provider, the desktops, a gateway between them, and people. */

import assert from "node:assert/strict";

import { Client } from "@cartera/client";
import { AgentStatus } from "@cartera/client/routing/v1/agent";
import type { Interaction } from "@cartera/client/routing/v1/interaction";

import { DesktopsStub } from "./desktops.js";
import { eventually } from "./eventually.js";
import { DESKTOP_SECRET, GatewayProcess } from "./gateway.js";
import { ProviderStub } from "./provider.js";
import { Service } from "./service.js";

/** What the gateway answers a desktop. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class World {
  readonly service: Service;
  readonly provider: ProviderStub;
  readonly desktops: DesktopsStub;
  readonly gateway: GatewayProcess;
  readonly administrator: Client;

  private constructor(service: Service, provider: ProviderStub, desktops: DesktopsStub, gateway: GatewayProcess) {
    this.service = service;
    this.provider = provider;
    this.desktops = desktops;
    this.gateway = gateway;
    this.administrator = new Client({
      address: service.address,
      tenantId: "chat",
      role: "administrator",
      subject: "root",
    });
  }

  static async start(): Promise<World> {
    const [service, provider, desktops] = await Promise.all([
      Service.start(),
      ProviderStub.start(),
      DesktopsStub.start(),
    ]);
    const gateway = await GatewayProcess.start({
      directory: service.directory,
      cartera: service.address,
      provider: provider.url,
      desktops: desktops.url,
    });
    return new World(service, provider, desktops, gateway);
  }

  async end(): Promise<void> {
    this.administrator.close();
    await this.gateway.stop();
    await Promise.all([this.provider.end(), this.desktops.end(), this.service.remove()]);
  }

  async online(...agentIds: readonly string[]): Promise<void> {
    for (const agentId of agentIds) {
      await this.administrator.agents.setAgentStatus({
        agentId,
        status: AgentStatus.ONLINE,
      });
    }
  }

  /** The interactions of a contact, by its number without the plus sign, the newest first. */
  async interactionsOf(contact: string): Promise<Interaction[]> {
    const { views } = await this.administrator.routing.listInteractions({
      contactId: `+${contact}`,
    });
    return views.flatMap(({ interaction }) => interaction ?? []);
  }

  async claim(interactionId: string, agentId: string): Promise<void> {
    await this.administrator.routing.claimInteraction({
      interactionId,
      agentId,
    });
  }

  /** Waits until a contact has been sent these texts; fails where it gets others. */
  async textsTo(contact: string, expected: readonly string[]): Promise<void> {
    const texts = () => this.provider.textsTo(`+${contact}`);
    await eventually(() => texts().length >= expected.length);
    assert.deepEqual(texts(), expected);
  }

  /** Sends a message to a contact, as a desktop does. */
  async reply(interactionId: string, body: object, secret = DESKTOP_SECRET): Promise<Answer> {
    return this.#ask(`/interactions/${interactionId}/messages`, secret, {
      method: "POST",
      body: JSON.stringify(body),
    });
  }

  /** Asks what has become of a message. */
  async replyState(interactionId: string, messageId: string): Promise<Answer> {
    return this.#ask(`/interactions/${interactionId}/messages/${messageId}`, DESKTOP_SECRET, {});
  }

  async #ask(path: string, secret: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.gateway.url + path, {
      ...init,
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
    });
    return {
      status: response.status,
      body: (await response.json()) as Answer["body"],
    };
  }
}
