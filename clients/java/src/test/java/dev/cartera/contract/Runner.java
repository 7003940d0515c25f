package dev.cartera.contract;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Plays Cartera's contract suite through the generated Java code. What a runner does is written in
 * tests/contract/cases/README.md.
 */
public final class Runner {
  private static final int ALL_PASSED = 0;
  private static final int SOMETHING_FAILED = 1;
  private static final int COULD_NOT_RUN = 2;

  private Runner() {}

  /** What came of a case, or of a line of golden bytes. */
  record Result(String name, boolean passed, String failure) {
    static Result of(String name, String failure) {
      return new Result(name, failure.isEmpty(), failure);
    }
  }

  private record Results(String language, List<Result> cases, List<Result> golden) {}

  public static void main(String[] arguments) {
    try {
      System.exit(run(options(arguments)));
    } catch (IOException | RuntimeException failure) {
      System.err.println("it cannot be run: " + failure);
      System.exit(COULD_NOT_RUN);
    }
  }

  private static int run(Map<String, Path> paths) throws IOException {
    Map<String, JsonElement> targets = read(paths.get("--targets")).getAsJsonObject().asMap();
    List<Scenario> scenarios = Scenario.load(paths.get("--cases"));
    List<GoldenLine> lines = GoldenLine.load(paths.get("--golden"));
    var results =
        new Results(
            Player.LANGUAGE,
            Player.playAll(scenarios, targets),
            lines.stream().map(GoldenLine::check).toList());
    var gson = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    Files.writeString(paths.get("--results"), gson.toJson(results) + "\n");
    return verdict(results);
  }

  private static int verdict(Results results) {
    List<Result> failed =
        Stream.concat(results.cases.stream(), results.golden.stream())
            .filter(each -> !each.passed)
            .toList();
    failed.forEach(each -> System.err.println(each.name + ": " + each.failure));
    return failed.isEmpty() ? ALL_PASSED : SOMETHING_FAILED;
  }

  private static Map<String, Path> options(String[] arguments) {
    Map<String, Path> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], Path.of(arguments[i + 1]));
    }
    for (String name : List.of("--cases", "--golden", "--targets", "--results")) {
      if (!options.containsKey(name)) {
        throw new IllegalArgumentException(name + " is missing");
      }
    }
    return options;
  }

  static JsonElement read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file));
  }
}
