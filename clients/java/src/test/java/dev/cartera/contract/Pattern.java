package dev.cartera.contract;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether a value is as a case wants it, and where not. */
final class Pattern {
  private static final Set<JsonElement> EMPTY =
      Set.of(
          JsonNull.INSTANCE,
          new JsonPrimitive(""),
          new JsonPrimitive(0),
          new JsonPrimitive("0"),
          new JsonPrimitive(false),
          new JsonArray(),
          new JsonObject());

  private Pattern() {}

  static boolean matches(JsonElement pattern, JsonElement value) {
    return mismatch(pattern, value, "").isEmpty();
  }

  /**
   * What is wrong with a value, and where.
   *
   * @param value null where there is none
   */
  static Optional<String> mismatch(JsonElement pattern, JsonElement value, String place) {
    if (pattern instanceof JsonObject object) {
      Optional<Map.Entry<String, JsonElement>> rule =
          object.entrySet().stream().filter(each -> each.getKey().startsWith("$")).findFirst();
      return rule.isPresent()
          ? mismatchOfRule(rule.get().getKey(), rule.get().getValue(), value, place)
          : mismatchOfObject(object, value, place);
    }
    if (pattern instanceof JsonArray array) {
      return mismatchOfList(array, value, place);
    }
    return unless(equal(pattern, value), place, value, pattern.toString());
  }

  private static Optional<String> mismatchOfObject(
      JsonObject pattern, JsonElement value, String place) {
    if (!(value instanceof JsonObject object)) {
      return unless(false, place, value, "an object");
    }
    return pattern.entrySet().stream()
        .map(
            each ->
                mismatch(each.getValue(), object.get(each.getKey()), place + "." + each.getKey()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> mismatchOfList(
      JsonArray pattern, JsonElement value, String place) {
    if (!(value instanceof JsonArray list) || list.size() != pattern.size()) {
      return unless(false, place, value, "a list of " + pattern.size());
    }
    for (int i = 0; i < pattern.size(); i++) {
      Optional<String> wrong = mismatch(pattern.get(i), list.get(i), place + "." + i);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> mismatchOfRule(
      String rule, JsonElement argument, JsonElement value, String place) {
    return switch (rule) {
      case "$present" -> {
        boolean wanted = argument.getAsBoolean();
        yield unless(wanted != isEmpty(value), place, value, wanted ? "something" : "nothing");
      }
      case "$size" -> {
        boolean fits = value instanceof JsonArray list && list.size() == argument.getAsInt();
        yield unless(fits, place, value, "a list of " + argument);
      }
      case "$matches" ->
          unless(
              isText(value) && isFound(argument.getAsString(), value.getAsString()),
              place,
              value,
              "a text in which " + argument + " is found");
      case "$includes" -> mismatchOfIncluded(argument.getAsJsonArray(), value, place);
      default -> Optional.of("there is no rule " + rule);
    };
  }

  private static Optional<String> mismatchOfIncluded(
      JsonArray patterns, JsonElement value, String place) {
    JsonArray list = value instanceof JsonArray array ? array : new JsonArray();
    for (JsonElement pattern : patterns) {
      if (list.asList().stream().noneMatch(element -> matches(pattern, element))) {
        return unless(false, place, value, "a list with " + pattern);
      }
    }
    return Optional.empty();
  }

  private static boolean isFound(String expression, String text) {
    return com.google.re2j.Pattern.compile(expression).matcher(text).find();
  }

  private static boolean isEmpty(JsonElement value) {
    return value == null || EMPTY.contains(value);
  }

  /** A number of 64 bits is a string in JSON, and equals a number that is written alike. */
  private static boolean equal(JsonElement pattern, JsonElement value) {
    if (isNumber(pattern) && isNumber(value)) {
      return decimal(pattern).compareTo(decimal(value)) == 0;
    }
    boolean written = isText(pattern) && isNumber(value) || isNumber(pattern) && isText(value);
    return written ? pattern.getAsString().equals(value.getAsString()) : pattern.equals(value);
  }

  private static BigDecimal decimal(JsonElement number) {
    return number.getAsBigDecimal();
  }

  private static boolean isText(JsonElement value) {
    return value instanceof JsonPrimitive primitive && primitive.isString();
  }

  private static boolean isNumber(JsonElement value) {
    return value instanceof JsonPrimitive primitive && primitive.isNumber();
  }

  private static Optional<String> unless(
      boolean matches, String place, JsonElement value, String wanted) {
    if (matches) {
      return Optional.empty();
    }
    String where = place.isEmpty() ? "the whole" : place.substring(1);
    return Optional.of(
        "%s is %s, not %s".formatted(where, value == null ? "nothing" : value, wanted));
  }
}
