/** Failures of calls, with the details that the service puts into a google.rpc.Status. */

import { fromBinary, type Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { status as Code, type ServiceError } from "@grpc/grpc-js";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  PreconditionFailureSchema,
  RequestInfoSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from "./generated/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "./generated/google/rpc/status_pb.js";

/** A field of the request that the service refused, described in the client's language. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/** A condition of the tenant's state that does not hold. The type is the name of an ErrorReason. */
export interface Precondition {
  readonly type: string;
  readonly subject: string;
  readonly description: string;
}

/** What the failure is about. */
export interface Resource {
  readonly type: string;
  readonly name: string;
}

/**
 * A call failed. Its `message` is in the client's language, for people; act on `reason`, fields and `metadata`.
 *
 * A failed call is not a failed operation: after `UNAVAILABLE` or `DEADLINE_EXCEEDED` its outcome is unknown. Call again
 * with the same `requestId`, and the service answers as it did the first time.
 */
export class CarteraError extends Error {
  override readonly name = "CarteraError";
  readonly code: Code;
  /** The name of an ErrorReason; "" where the failure is the connection's. */
  readonly reason: string;
  /** What the reason is about, by name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly violations: readonly Precondition[];
  readonly resource: Resource | undefined;
  /** After how many milliseconds another attempt makes sense. */
  readonly retryDelay: number | undefined;
  /** The language of the message; "" where it is the status's own. */
  readonly locale: string;
  /** By it who runs the service finds the call in its logs. */
  readonly correlationId: string;
  /** The request id of the call; "" where it had none. */
  readonly requestId: string;

  constructor(failure: ServiceError, requestId = "") {
    const details = new Details(failure);
    const localized = details.first(LocalizedMessageSchema);
    super(localized?.message ?? details.message, { cause: failure });
    this.code = failure.code;
    this.locale = localized?.locale ?? "";
    this.requestId = requestId;
    this.reason = details.first(ErrorInfoSchema)?.reason ?? "";
    this.metadata = details.first(ErrorInfoSchema)?.metadata ?? {};
    this.fieldViolations = details.fieldViolations;
    this.violations = details.violations;
    this.resource = details.resource;
    this.retryDelay = details.retryDelay;
    this.correlationId = details.first(RequestInfoSchema)?.requestId ?? "";
  }

  override toString(): string {
    return `${this.message} (${this.reason || Code[this.code]})`;
  }
}

/** Whether it is how grpc-js tells that a call failed. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

class Details {
  readonly #failure: ServiceError;
  readonly #status: Status | undefined;

  constructor(failure: ServiceError) {
    this.#failure = failure;
    this.#status = statusOf(failure);
  }

  get message(): string {
    return this.#status?.message || this.#failure.details || Code[this.#failure.code];
  }

  get fieldViolations(): FieldViolation[] {
    const found = this.first(BadRequestSchema)?.fieldViolations ?? [];
    return found.map(({ field, description, reason, localizedMessage }) => ({
      field,
      description: localizedMessage?.message || description,
      reason,
    }));
  }

  get violations(): Precondition[] {
    const found = this.first(PreconditionFailureSchema)?.violations ?? [];
    return found.map(({ type, subject, description }) => ({ type, subject, description }));
  }

  get resource(): Resource | undefined {
    const found = this.first(ResourceInfoSchema);
    return found && { type: found.resourceType, name: found.resourceName };
  }

  get retryDelay(): number | undefined {
    const delay = this.first(RetryInfoSchema)?.retryDelay;
    return delay && durationMs(delay);
  }

  /** The first detail of a kind. */
  first<T extends Message>(schema: GenMessage<T>): T | undefined {
    for (const packed of this.#status?.details ?? []) {
      const detail = anyUnpack(packed, schema);
      if (detail) {
        return detail;
      }
    }
    return undefined;
  }
}

function statusOf(failure: ServiceError): Status | undefined {
  const [value] = failure.metadata.get("grpc-status-details-bin");
  if (!(value instanceof Buffer)) {
    return undefined;
  }
  try {
    return fromBinary(StatusSchema, value);
  } catch {
    return undefined; // A proxy's own invention: the plain code and message must do.
  }
}
