/**
 * The TypeScript client of Cartera: the published contract, over grpc-js.
 *
 * Messages and enums are imported from `@cartera/client/routing/v1/…`, named as the files in protos/.
 */

export { credentials, status as Code } from "@grpc/grpc-js";
export type { CallOptions } from "./call.js";
export { SERVICE_CONFIG } from "./channel.js";
export { Client, type ClientOptions, DEFAULT_ADDRESS, type MonitorWatchOptions, type WatchOptions } from "./client.js";
export { CarteraError, type FieldViolation, type Precondition, type Resource } from "./errors.js";
export type { Position, Start } from "./position.js";
export { DEFAULT_RETRY, type RetryPolicy } from "./retry.js";
export type { ServiceClient, UnaryCall } from "./service.js";
export { type Role, type Token, tokenFile } from "./session.js";
export type { MonitorWatch, Watch } from "./watch.js";
