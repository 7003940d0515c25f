package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** A message as it was once written. */
record GoldenLine(String name, byte[] bytes, JsonElement json) {
  static List<GoldenLine> load(Path file) throws IOException {
    return Runner.read(file).getAsJsonObject().getAsJsonArray("messages").asList().stream()
        .map(each -> of(each.getAsJsonObject()))
        .toList();
  }

  private static GoldenLine of(JsonObject written) {
    byte[] bytes = Base64.getDecoder().decode(written.get("bytes").getAsString());
    return new GoldenLine(written.get("name").getAsString(), bytes, written.get("json"));
  }

  Runner.Result check() {
    try {
      return Runner.Result.of(name, failure());
    } catch (InvalidProtocolBufferException | IllegalArgumentException failure) {
      return Runner.Result.of(name, failure.toString());
    }
  }

  /** Empty where the bytes are the JSON, and the JSON the message that is in the bytes. */
  private String failure() throws InvalidProtocolBufferException {
    Message prototype = Contract.prototype(name);
    Message decoded = prototype.getParserForType().parseFrom(bytes);
    JsonElement printed = Contract.withoutDefaults(decoded);
    if (!printed.equals(json)) {
      return "the bytes are %s, not %s".formatted(printed, json);
    }
    boolean same = Contract.parsed(prototype, json).equals(decoded);
    return same ? "" : "the JSON is another message than the bytes";
  }
}
