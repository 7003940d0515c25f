/** The agents' desktops: where contacts' messages are read. */

import type { Configuration } from "./configuration.js";
import type { Inbound } from "./webhook/payload.js";

/** Hands contacts' messages to the desktops' server. The gateway itself keeps none of what is said. */
export class Desktops {
  readonly #settings: Configuration["desktops"];
  readonly #secret: string;

  constructor(settings: Configuration["desktops"], secret: string) {
    this.#settings = settings;
    this.#secret = secret;
  }

  /** Hands over a message; fulfilled once the desktops' server has said that it has it. It may come again. */
  async show(message: Inbound, interactionId: string | undefined): Promise<void> {
    if (this.#settings === undefined) {
      return;
    }
    const response = await fetch(this.#settings.messages_url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.#secret}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(shown(message, interactionId)),
      signal: AbortSignal.timeout(1000 * this.#settings.timeout_seconds),
    });
    await response.body?.cancel();
    if (!response.ok) {
      throw new Error(`the desktops' server answers ${response.status}`);
    }
  }
}

function shown({ content, contactId, profileName }: Inbound, interactionId: string | undefined): object {
  return {
    interaction_id: interactionId ?? null,
    contact_id: contactId,
    profile_name: profileName ?? null,
    message: content,
  };
}
