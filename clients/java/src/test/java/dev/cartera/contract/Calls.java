package dev.cartera.contract;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Makes the calls of one server's cases. */
final class Calls {
  private final Channel channel;

  Calls(Channel channel) {
    this.channel = channel;
  }

  /** Makes a step's calls, requires what it expects, and returns what they brought. */
  JsonElement play(Step step)
      throws UnexpectedException, InvalidProtocolBufferException, InterruptedException {
    if (step.isWatch()) {
      return watch(step);
    }
    if (step.burst() > 0) {
      return burst(step);
    }
    Outcome outcome = call(step);
    step.expectation().require(outcome);
    return outcome.answer();
  }

  private Outcome call(Step step) throws UnexpectedException, InvalidProtocolBufferException {
    Optional<byte[]> bytes = step.bytes();
    try {
      if (bytes.isPresent()) {
        send(step, Bytes.method(step.method()), bytes.get());
        return Outcome.ok(new JsonObject());
      }
      MethodDescriptor<Message, Message> method = Contract.method(step.method());
      Message answer = send(step, method, Contract.request(method, step.request()));
      return Outcome.ok(Contract.withDefaults(answer));
    } catch (StatusRuntimeException failure) {
      return Outcome.failed(failure);
    }
  }

  private <RequestT, ResponseT> ResponseT send(
      Step step, MethodDescriptor<RequestT, ResponseT> method, RequestT request) {
    return ClientCalls.blockingUnaryCall(channelFor(step), method, optionsFor(step), request);
  }

  private Channel channelFor(Step step) {
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(step.metadata()));
  }

  private static CallOptions optionsFor(Step step) {
    return CallOptions.DEFAULT.withDeadlineAfter(step.deadline().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Each succeeds or is as expected, and at least one is. */
  private JsonElement burst(Step step) throws UnexpectedException, InterruptedException {
    Optional<String> wrong = Optional.empty();
    boolean none = true;
    JsonElement answer = new JsonObject();
    for (Outcome outcome : atOnce(step)) {
      wrong = step.expectation().complaint(outcome);
      none = none && wrong.isPresent();
      if (outcome.code().equals("OK")) {
        answer = outcome.answer();
      } else {
        step.expectation().require(outcome);
      }
    }
    if (none) {
      throw new UnexpectedException("none of " + step.burst() + " is as expected: " + wrong);
    }
    return answer;
  }

  private List<Outcome> atOnce(Step step) throws UnexpectedException, InterruptedException {
    ExecutorService callers = Executors.newFixedThreadPool(step.burst());
    try {
      List<Outcome> outcomes = new ArrayList<>();
      Callable<Outcome> call = () -> call(step);
      for (Future<Outcome> each : callers.invokeAll(Collections.nCopies(step.burst(), call))) {
        outcomes.add(each.get());
      }
      return outcomes;
    } catch (ExecutionException failure) {
      throw new UnexpectedException(failure.getCause().toString());
    } finally {
      callers.shutdown();
    }
  }

  private JsonElement watch(Step step) throws UnexpectedException, InvalidProtocolBufferException {
    MethodDescriptor<Message, Message> method = Contract.method(step.method());
    Message request = Contract.request(method, step.request());
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      Context previous = context.attach();
      try {
        return read(
            step,
            ClientCalls.blockingServerStreamingCall(
                channelFor(step), method, optionsFor(step), request));
      } finally {
        context.detach(previous);
      }
    }
  }

  private static JsonElement read(Step step, Iterator<Message> stream)
      throws UnexpectedException, InvalidProtocolBufferException {
    Watched watched = new Watched(step, stream);
    JsonArray messages = new JsonArray();
    for (JsonElement pattern : step.expectation().messages()) {
      messages.add(watched.nextMatching(pattern, messages.size()));
    }
    if (!step.expectation().isSuccess()) {
      step.expectation().require(watched.end());
    }
    return messages;
  }
}
