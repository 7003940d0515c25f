package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A case: a claim, and the steps that prove it, those of its floor first. */
record Scenario(String name, String target, List<JsonElement> steps) {
  private static final String FLOORS = "floors.json";

  /** All cases, in the order of their files' names. */
  static List<Scenario> load(Path directory) throws IOException {
    JsonObject floors = Runner.read(directory.resolve(FLOORS)).getAsJsonObject();
    List<Scenario> scenarios = new ArrayList<>();
    for (Path file : filesIn(directory)) {
      for (JsonElement each : Runner.read(file).getAsJsonObject().getAsJsonArray("cases")) {
        scenarios.add(of(each.getAsJsonObject(), floors));
      }
    }
    return scenarios;
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".json") && !file.endsWith(FLOORS))
          .sorted()
          .toList();
    }
  }

  private static Scenario of(JsonObject written, JsonObject floors) {
    String name = written.get("name").getAsString();
    List<JsonElement> steps = new ArrayList<>();
    if (written.has("floor")) {
      String floor = written.get("floor").getAsString();
      if (!floors.has(floor)) {
        throw new IllegalArgumentException(name + ": there is no floor " + floor);
      }
      steps.addAll(floors.getAsJsonArray(floor).asList());
    }
    steps.addAll(written.getAsJsonArray("steps").asList());
    String target = written.has("target") ? written.get("target").getAsString() : "main";
    return new Scenario(name, target, steps);
  }
}
