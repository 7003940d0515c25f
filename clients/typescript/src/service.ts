/** Services: each method of one answer is a function that takes the fields of its request. */

import type {
  DescMessage,
  DescMethod,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

import { type Caller, type CallOptions, call } from "./call.js";

/** A method of one answer. It is rejected with a CarteraError. */
export type UnaryCall<I extends DescMessage, O extends DescMessage> = (
  request: MessageInitShape<I>,
  options?: CallOptions,
) => Promise<MessageShape<O>>;

/** The methods of one answer of a service. Those of many answers are watches. */
export type ServiceClient<S extends DescService> = {
  readonly [
    K in keyof S["method"] as S["method"][K] extends { methodKind: "unary" } ? K : never
  ]: S["method"][K] extends DescMethodUnary<infer I, infer O> ? UnaryCall<I, O> : never;
};

export function serviceClient<S extends DescService>(caller: Caller, service: S): ServiceClient<S> {
  const calls: Record<string, UnaryCall<DescMessage, DescMessage>> = {};
  for (const method of service.methods.filter(isUnary)) {
    calls[method.localName] = (request, options = {}) => call(caller, method, request, options);
  }
  return calls as ServiceClient<S>;
}

function isUnary(method: DescMethod): method is DescMethod & DescMethodUnary {
  return method.methodKind === "unary";
}
