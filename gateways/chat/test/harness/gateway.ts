/** The gateway as a process of its own. */

import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import { stringify } from "yaml";

import { ended, endsWithTests, ROOT } from "./service.js";

export const APP_SECRET = "an app's secret";
export const VERIFY_TOKEN = "a token to verify";
export const ACCESS_TOKEN = "a token of access";
export const DESKTOP_SECRET = "a secret of desktops";

/** Numbers of tenant.yaml. */
export const NUMBERS = {
  atencion: "451879203364710",
  siniestros: "451879203364711",
  oficina: "451879203364712",
  guardia: "451879203364713",
} as const;

export interface GatewaySettings {
  readonly directory: string;
  readonly cartera: string;
  readonly provider: string;
  readonly desktops: string;
}

export class GatewayProcess {
  url = "";
  /** What it has logged. */
  readonly log: string[] = [];
  readonly #settings: GatewaySettings;
  #process: ChildProcess | undefined;

  private constructor(settings: GatewaySettings) {
    this.#settings = settings;
  }

  static async start(settings: GatewaySettings): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(settings);
    await writeFile(gateway.#file, stringify(configurationOf(settings)));
    await gateway.run();
    return gateway;
  }

  async run(): Promise<void> {
    const child = this.#spawn();
    this.#process = child;
    createInterface(child.stdout).on("line", (line) => this.log.push(line));
    this.url = await addressFrom(child.stderr);
  }

  /** Starts another one on the same state. */
  async another(): Promise<void> {
    await addressFrom(this.#spawn().stderr);
  }

  /** Loses what it kept. Only while it is away. */
  async loseState(): Promise<void> {
    await rm(join(this.#settings.directory, "state"), { recursive: true });
  }

  /** Ends it as an operator does; its exit code. */
  async stop(): Promise<number | null> {
    return ended(this.#process, "SIGTERM");
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    await ended(this.#process, "SIGKILL");
  }

  get #file(): string {
    return join(this.#settings.directory, "configuration.yaml");
  }

  #spawn(): ChildProcessByStdio<null, Readable, Readable> {
    const child = spawn(process.execPath, [join(ROOT, "built/src/main.js"), this.#file], {
      env: {
        WHATSAPP_APP_SECRET: APP_SECRET,
        WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
        WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
        DESKTOP_SECRET,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return endsWithTests(child);
  }
}

async function addressFrom(stderr: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface(stderr)) {
    lines.push(line);
    const address = /listens at (\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      return address;
    }
  }
  throw new Error(`the gateway has ended: ${lines.join("\n")}`);
}

function configurationOf({ cartera, provider, desktops }: GatewaySettings): object {
  return {
    listen: { port: 0 },
    state_directory: "state",
    cartera: { address: cartera, tenant_id: "chat", timeout_seconds: 3 },
    provider: {
      base_url: provider,
      version: "v23.0",
      first_pause_seconds: 0.02,
    },
    desktops: { messages_url: desktops },
    numbers: [
      {
        phone_number_id: NUMBERS.atencion,
        address: "+34600000200",
        campaign_id: "atencion-whatsapp",
      },
      {
        phone_number_id: NUMBERS.siniestros,
        address: "+34600000300",
        campaign_id: "siniestros-whatsapp",
      },
      {
        phone_number_id: NUMBERS.oficina,
        address: "+34600000400",
        campaign_id: "oficina-whatsapp",
        language: "en",
        time_zone: "Europe/Madrid",
      },
      {
        phone_number_id: NUMBERS.guardia,
        address: "+34600000500",
        campaign_id: "guardia-whatsapp",
      },
    ],
    notices: {
      es: {
        waiting: "Enseguida le atendemos.",
        assigned: "Le atiende {agent}.",
        unassigned: "Ahora no hay nadie.",
        queue_full: "Todas las líneas están ocupadas.",
      },
      en: {
        assigned: "{agent} is with you.",
        campaign_closed: "We are closed.",
      },
    },
  };
}
