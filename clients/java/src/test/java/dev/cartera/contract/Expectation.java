package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a step expects; what is left out is not asked. */
record Expectation(JsonObject written) {
  private static final String DOMAIN = "cartera.dev";

  String code() {
    return written.has("code") ? written.get("code").getAsString() : "OK";
  }

  boolean isSuccess() {
    return code().equals("OK");
  }

  /** The patterns of a stream's messages. */
  List<JsonElement> messages() {
    return written.has("messages") ? written.getAsJsonArray("messages").asList() : List.of();
  }

  void require(Outcome outcome) throws UnexpectedException {
    Optional<String> complaint = complaint(outcome);
    if (complaint.isPresent()) {
      throw new UnexpectedException(complaint.get());
    }
  }

  /** What is not as expected. */
  Optional<String> complaint(Outcome outcome) {
    if (!outcome.code().equals(code())) {
      return Optional.of(
          "the code is %s, not %s: %s %s"
              .formatted(outcome.code(), code(), outcome.text(), outcome.details()));
    }
    if (written.has("response")) {
      Optional<String> wrong =
          Pattern.mismatch(written.get("response"), outcome.answer(), ".response");
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return detailPatterns().stream()
        .map(pattern -> Pattern.mismatch(pattern, outcome.details(), ""))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** All that an error's details are to match. */
  private List<JsonObject> detailPatterns() {
    List<JsonObject> patterns = new ArrayList<>();
    if (written.has("details")) {
      patterns.add(written.getAsJsonObject("details"));
    }
    JsonObject info = given("reason", "metadata");
    if (info.size() > 0) {
      info.add("domain", new JsonPrimitive(DOMAIN));
      patterns.add(only("ErrorInfo", info));
    }
    JsonObject spoken = given("message", "locale");
    if (spoken.size() > 0) {
      patterns.add(only("LocalizedMessage", spoken));
    }
    return patterns;
  }

  private JsonObject given(String... names) {
    JsonObject given = new JsonObject();
    for (String name : names) {
      if (written.has(name)) {
        given.add(name, written.get(name));
      }
    }
    return given;
  }

  private static JsonObject only(String name, JsonElement value) {
    JsonObject object = new JsonObject();
    object.add(name, value);
    return object;
  }
}
