/** A `cartera serve` of its own, on SQLite, which can be killed and started again at the same address. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const ROOT = new URL("../../../", import.meta.url).pathname;

const CARTERA = process.env["CARTERA"] ?? join(ROOT, "../../.venv/bin/cartera");

export class Service {
  readonly directory: string;
  address = "127.0.0.1:0";
  #process: ChildProcess | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Starts it, with the tenant of the tests. */
  static async start(): Promise<Service> {
    const service = new Service(await mkdtemp(join(tmpdir(), "cartera-chat-")));
    await service.serve();
    const tenant = join(ROOT, "tenant.yaml");
    await promisify(execFile)(CARTERA, ["apply", "--file", tenant, "--address", service.address], {
      env: environment(),
    });
    return service;
  }

  async serve(): Promise<void> {
    const database = `sqlite:///${join(this.directory, "cartera.db")}`;
    const child = spawn(CARTERA, ["serve", "--listen", this.address, "--database-url", database], {
      env: environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#process = endsWithTests(child);
    for await (const line of createInterface(child.stdout)) {
      const address = /serves at (\S+)/.exec(line)?.[1];
      if (address !== undefined) {
        this.address = address;
        return;
      }
    }
    throw new Error("cartera serve has ended");
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    await ended(this.#process, "SIGKILL");
  }

  /** Copies the database as it is, or puts back what was copied. Only while the service is away. */
  async copyDatabase(from: "cartera" | "copy", to: "cartera" | "copy"): Promise<void> {
    for (const suffix of ["", "-wal"]) {
      const [source, target] = [from, to].map((name) => join(this.directory, `${name}.db${suffix}`)) as [
        string,
        string,
      ];
      await rm(target, { force: true });
      await cp(source, target, { force: true });
    }
    await rm(join(this.directory, `${to}.db-shm`), { force: true });
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Sees to it that a process doesn't outlive the tests, however they end. */
export function endsWithTests<T extends ChildProcess>(child: T): T {
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

// The test runner's own, where a file of tests takes too long: without this nobody is told of the end.
process.once("SIGTERM", () => process.exit(1));

/** Sends a signal to a process and waits for its end; its exit code. */
export async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (child?.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
  return child?.exitCode ?? null;
}

function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("CARTERA_"));
  return {
    ...Object.fromEntries(inherited),
    CARTERA_DRAIN_SECONDS: "0",
    LC_ALL: "C.UTF-8",
  };
}
