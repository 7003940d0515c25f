package dev.cartera.contract;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What ${name} stands for in a step. */
final class Variables {
  private static final Pattern NAME = Pattern.compile("\\$\\{(\\w+)\\}");

  private final Map<String, JsonElement> known;

  Variables(Map<String, JsonElement> known) {
    this.known = new HashMap<>(known);
  }

  void add(String name, JsonElement value) {
    known.put(name, value);
  }

  /**
   * Puts them into a value. A string that is nothing but one becomes its value, of whatever kind.
   */
  JsonElement fill(JsonElement value) throws UnexpectedException {
    if (value instanceof JsonObject object) {
      JsonObject filled = new JsonObject();
      for (Map.Entry<String, JsonElement> each : object.entrySet()) {
        filled.add(each.getKey(), fill(each.getValue()));
      }
      return filled;
    }
    if (value instanceof JsonArray array) {
      JsonArray filled = new JsonArray();
      for (JsonElement each : array) {
        filled.add(fill(each));
      }
      return filled;
    }
    boolean isText = value instanceof JsonPrimitive primitive && primitive.isString();
    return isText ? fillText(value.getAsString()) : value;
  }

  private JsonElement fillText(String text) throws UnexpectedException {
    Matcher found = NAME.matcher(text);
    if (found.matches()) {
      return value(found.group(1));
    }
    StringBuilder filled = new StringBuilder();
    found.reset();
    while (found.find()) {
      found.appendReplacement(filled, Matcher.quoteReplacement(asText(value(found.group(1)))));
    }
    return new JsonPrimitive(found.appendTail(filled).toString());
  }

  private JsonElement value(String name) throws UnexpectedException {
    if (!known.containsKey(name)) {
      throw new UnexpectedException("there is no variable " + name);
    }
    return known.get(name);
  }

  private static String asText(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /** Keeps what a step brought, under the names that it gives. */
  void save(Map<String, JsonElement> names, JsonElement brought) throws UnexpectedException {
    for (Map.Entry<String, JsonElement> each : names.entrySet()) {
      known.put(each.getKey(), pick(brought, each.getValue().getAsString()));
    }
  }

  /**
   * What stands under a path: keys, and numbers in lists, with dots between them. "" is the whole.
   */
  private static JsonElement pick(JsonElement value, String path) throws UnexpectedException {
    JsonElement found = value;
    for (String part : path.isEmpty() ? new String[0] : path.split("\\.")) {
      found = child(found, part);
      if (found == null) {
        throw new UnexpectedException("there is nothing at " + path + " to be saved");
      }
    }
    return found;
  }

  private static JsonElement child(JsonElement value, String part) {
    if (value instanceof JsonObject object) {
      return object.get(part);
    }
    if (value instanceof JsonArray array && part.matches("\\d+")) {
      int index = Integer.parseInt(part);
      return index < array.size() ? array.get(index) : null;
    }
    return null;
  }
}
