package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** A call or a watch, and what is expected of it. */
record Step(JsonObject written) {
  boolean isWatch() {
    return written.has("watch");
  }

  String method() {
    return written.get(isWatch() ? "watch" : "call").getAsString();
  }

  JsonElement request() {
    return written.has("request") ? written.get("request") : new JsonObject();
  }

  /** What is to be sent as it is. */
  Optional<byte[]> bytes() {
    return Optional.ofNullable(written.get("bytes"))
        .map(JsonElement::getAsString)
        .map(Base64.getDecoder()::decode);
  }

  Duration deadline() {
    double seconds = written.has("deadline") ? written.get("deadline").getAsDouble() : 10;
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /** How many times the call is made at once; 0 is once. */
  int burst() {
    return written.has("burst") ? written.get("burst").getAsInt() : 0;
  }

  /** Whether a message of a stream isn't counted. */
  boolean skips(JsonElement message) {
    return written.has("skip") && Pattern.matches(written.get("skip"), message);
  }

  Expectation expectation() {
    return new Expectation(
        written.has("expect") ? written.getAsJsonObject("expect") : new JsonObject());
  }

  /** The paths to be saved, by the names to save them under. */
  Map<String, JsonElement> saved() {
    return written.has("save") ? written.getAsJsonObject("save").asMap() : Map.of();
  }

  Metadata metadata() {
    String as = written.has("as") ? written.get("as").getAsString() : "administrator/root";
    String[] caller = as.split("/", 2);
    Metadata metadata = new Metadata();
    if (!caller[0].isEmpty()) {
      put(metadata, "cartera-role", caller[0]);
    }
    if (caller.length == 2 && !caller[1].isEmpty()) {
      put(metadata, "cartera-subject", caller[1]);
    }
    if (written.has("metadata")) {
      for (var each : written.getAsJsonObject("metadata").entrySet()) {
        put(metadata, each.getKey(), each.getValue().getAsString());
      }
    }
    return metadata;
  }

  private static void put(Metadata metadata, String name, String value) {
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }
}
