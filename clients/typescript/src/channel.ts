/** The channel: how a client reaches the service. */

import { readFileSync } from "node:fs";

import type { ClientOptions as ChannelOptions } from "@grpc/grpc-js";

/** The published service config, as JSON: which calls may be tried again, and how long each may take. */
export const SERVICE_CONFIG = readFileSync(new URL("service_config.json", import.meta.url), "utf8");

export const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.service_config": SERVICE_CONFIG,
  // A service that restarts is back within a second or two; gRPC's own pace is made for larger outages.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // A service whose machine is gone says nothing: a watch notices within 40 s.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // A page of a list may be longer than gRPC's 4 MiB.
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
};

/** What the service config says of a method, where grpc-js has to be told. */
export interface Published {
  /** How long a call may take, in milliseconds; undefined for a watch. */
  readonly timeout: number | undefined;
  /** grpc-js reads it in the service config and doesn't act on it. */
  readonly waitForReady: boolean;
}

/** What is published for a method, by its path. */
export function published(path: string): Published {
  return PUBLISHED.get(path) ?? { timeout: undefined, waitForReady: false };
}

interface MethodConfig {
  readonly name: readonly { readonly service: string; readonly method: string }[];
  readonly timeout?: string;
  readonly waitForReady?: boolean;
}

const PUBLISHED = readPublished(JSON.parse(SERVICE_CONFIG) as { readonly methodConfig: readonly MethodConfig[] });

function readPublished(config: { readonly methodConfig: readonly MethodConfig[] }): ReadonlyMap<string, Published> {
  const methods = new Map<string, Published>();
  for (const { name, timeout, waitForReady = false } of config.methodConfig) {
    const each = { timeout: timeout === undefined ? undefined : Number.parseFloat(timeout) * 1_000, waitForReady };
    for (const { service, method } of name) {
      methods.set(`/${service}/${method}`, each);
    }
  }
  return methods;
}
