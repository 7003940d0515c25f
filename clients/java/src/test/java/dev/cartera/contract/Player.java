package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/** Plays the cases of one server. */
final class Player {
  static final String LANGUAGE = "java";
  private static final int LONGEST_MESSAGE = 64 << 20;

  /** Cases have tenants of their own, so several can be played beside each other. */
  private static final int CASES_AT_ONCE = 4;

  private final Calls calls;
  private final JsonObject variables;

  private Player(ManagedChannel channel, JsonObject variables) {
    this.calls = new Calls(channel);
    this.variables = variables;
  }

  /** Plays all cases, over one channel a server. */
  static List<Runner.Result> playAll(List<Scenario> scenarios, Map<String, JsonElement> targets) {
    List<ManagedChannel> channels = new ArrayList<>();
    Map<String, Player> players = new HashMap<>();
    targets.forEach(
        (name, target) -> {
          JsonObject written = target.getAsJsonObject();
          ManagedChannel channel = connect(written.get("address").getAsString());
          channels.add(channel);
          players.put(name, new Player(channel, written.getAsJsonObject("variables")));
        });
    try {
      return besideEachOther(
          scenarios.stream().map(each -> resultOf(each, players.get(each.target()))).toList());
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  /** Without the published service config: a case says what a single attempt brings. */
  private static ManagedChannel connect(String address) {
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
        .disableServiceConfigLookUp()
        .disableRetry()
        .maxInboundMessageSize(LONGEST_MESSAGE)
        .build();
  }

  private static List<Runner.Result> besideEachOther(List<Callable<Runner.Result>> all) {
    ExecutorService places = Executors.newFixedThreadPool(CASES_AT_ONCE);
    try {
      List<Runner.Result> results = new ArrayList<>();
      for (Future<Runner.Result> each : places.invokeAll(all)) {
        results.add(each.get());
      }
      return results;
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException(failure);
    } finally {
      places.shutdownNow();
    }
  }

  private static Callable<Runner.Result> resultOf(Scenario scenario, Player player) {
    return () ->
        Runner.Result.of(
            scenario.name(),
            player == null ? "there is no server " + scenario.target() : player.play(scenario));
  }

  /** What is wrong with a case; empty where it passes. */
  private String play(Scenario scenario) throws InterruptedException {
    Variables known = new Variables(variables.asMap());
    known.add("tenant", new JsonPrimitive(newTenant()));
    int number = 0;
    for (JsonElement written : scenario.steps()) {
      number++;
      try {
        Step step = new Step(known.fill(written).getAsJsonObject());
        known.save(step.saved(), calls.play(step));
      } catch (UnexpectedException | InvalidProtocolBufferException | RuntimeException wrong) {
        return "step %d, %s: %s".formatted(number, methodOf(written), wrong.getMessage());
      }
    }
    return "";
  }

  private static String methodOf(JsonElement written) {
    return new Step(written.getAsJsonObject()).method();
  }

  private static String newTenant() {
    int random = ThreadLocalRandom.current().nextInt();
    return "contract-%s-%s".formatted(LANGUAGE, HexFormat.of().toHexDigits(random));
  }
}
