package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/**
 * What came of a call.
 *
 * @param details of a failure, by the last part of their names
 * @param text what gRPC says besides, for people
 */
record Outcome(String code, JsonElement answer, JsonObject details, String text) {
  static Outcome ok(JsonElement answer) {
    return new Outcome("OK", answer, new JsonObject(), "");
  }

  static Outcome failed(StatusRuntimeException failure) throws UnexpectedException {
    return new Outcome(
        failure.getStatus().getCode().name(),
        new JsonObject(),
        detailsOf(failure),
        String.valueOf(failure.getStatus().getDescription()));
  }

  private static JsonObject detailsOf(StatusRuntimeException failure) throws UnexpectedException {
    JsonObject details = new JsonObject();
    for (Any each : StatusProto.fromThrowable(failure).getDetailsList()) {
      if (details.has(Contract.kind(each))) {
        throw new UnexpectedException("two details are of the kind " + Contract.kind(each));
      }
      try {
        details.add(Contract.kind(each), Contract.withDefaults(Contract.unpack(each)));
      } catch (InvalidProtocolBufferException | IllegalArgumentException unreadable) {
        throw new UnexpectedException("a detail can't be read: " + unreadable);
      }
    }
    return details;
  }
}
