package dev.cartera.client;

import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** When a stream that broke is opened anew. */
final class Resumption {
  static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(2);

  /** What gRPC or a proxy says, without a reason of the service's, when a stream breaks. */
  private static final Set<Code> BROKEN_CONNECTION =
      Set.of(Code.UNAVAILABLE, Code.INTERNAL, Code.UNKNOWN, Code.CANCELLED, Code.DEADLINE_EXCEEDED);

  private static final Set<String> PASSING_REASONS =
      Set.of(
          "WATCHER_TOO_SLOW",
          "SERVICE_DRAINING",
          "DATABASE_UNAVAILABLE",
          "TENANT_QUEUE_FULL",
          "KEYS_UNAVAILABLE",
          // Those that broke are counted until the service has noticed.
          "TOO_MANY_STREAMS");

  private Resumption() {}

  /**
   * Whether it is of use. A token that has expired may be another now; once, since that one is no
   * better where it is refused too.
   */
  static boolean isOfUse(ErrorDetails failure, int failures) {
    return switch (failure.reason()) {
      case "" -> BROKEN_CONNECTION.contains(failure.code());
      case "TOKEN_EXPIRED" -> failures == 1;
      default -> PASSING_REASONS.contains(failure.reason());
    };
  }

  /**
   * What the service says, or longer each time, and by chance so that callers don't return in step.
   */
  static Duration delayAfter(ErrorDetails failure, int failures) {
    return failure.retryDelay().orElseGet(() -> chosen(failures));
  }

  private static Duration chosen(int failures) {
    long doubled = FIRST_DELAY.toMillis() << Math.min(failures - 1, 10);
    long longest = Math.min(doubled, LONGEST_DELAY.toMillis());
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
  }
}
