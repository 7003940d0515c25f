import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { CarteraError, Code } from "@cartera/client";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  PreconditionFailureSchema,
  RequestInfoSchema,
  ResourceInfoSchema,
} from "@cartera/client/google/rpc/error_details";
import { StatusSchema } from "@cartera/client/google/rpc/status";
import type { StatusObject } from "@grpc/grpc-js";

import { detail, failure, plain, retryAfter } from "./failures.js";

function errorOf(status: StatusObject): CarteraError {
  return new CarteraError(Object.assign(new Error("as grpc-js says it"), status), "sip-1");
}

describe("an error", () => {
  it("has all that the service says, in plain values", () => {
    const details = [
      detail(ErrorInfoSchema, { reason: "INVALID_FIELD", domain: "cartera.dev", metadata: { limit: "9" } }),
      detail(LocalizedMessageSchema, { locale: "es", message: "No vale." }),
      detail(BadRequestSchema, {
        fieldViolations: [
          { field: "agent.capacity", reason: "INVALID_FIELD", description: "is too high" },
          { field: "agent.name", localizedMessage: { locale: "es", message: "es muy largo" } },
        ],
      }),
      detail(PreconditionFailureSchema, { violations: [{ type: "A", subject: "agent/ana", description: "no" }] }),
      detail(ResourceInfoSchema, { resourceType: "agent", resourceName: "ana" }),
      detail(RequestInfoSchema, { requestId: "trace-1" }),
      retryAfter(1_500),
    ];
    const status = create(StatusSchema, { code: Code.INVALID_ARGUMENT, message: "for developers", details });
    const error = errorOf(failure(Code.INVALID_ARGUMENT, toBinary(StatusSchema, status)));
    assert.equal(error.message, "No vale.");
    assert.equal(String(error), "No vale. (INVALID_FIELD)");
    assert.equal(error.code, Code.INVALID_ARGUMENT);
    assert.equal(error.reason, "INVALID_FIELD");
    assert.deepEqual(error.metadata, { limit: "9" });
    assert.deepEqual(error.fieldViolations, [
      { field: "agent.capacity", reason: "INVALID_FIELD", description: "is too high" },
      { field: "agent.name", reason: "", description: "es muy largo" },
    ]);
    assert.deepEqual(error.violations, [{ type: "A", subject: "agent/ana", description: "no" }]);
    assert.deepEqual(error.resource, { type: "agent", name: "ana" });
    assert.equal(error.retryDelay, 1_500);
    assert.equal(error.locale, "es");
    assert.equal(error.correlationId, "trace-1");
    assert.equal(error.requestId, "sip-1");
  });

  it("without details is known by its code", () => {
    const error = errorOf(plain(Code.UNAVAILABLE, "No connection established"));
    assert.deepEqual([error.code, error.reason, error.message], [Code.UNAVAILABLE, "", "No connection established"]);
  });

  it("whose details are of no such form has its code and message", () => {
    const error = errorOf(failure(Code.INTERNAL, Buffer.from("<html>")));
    assert.deepEqual([error.code, error.message], [Code.INTERNAL, "for developers"]);
  });
});
