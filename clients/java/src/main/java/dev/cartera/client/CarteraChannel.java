package dev.cartera.client;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;

/** Channels to Cartera. */
public final class CarteraChannel {
  private static final int LONGEST_MESSAGE = 64 << 20;

  private CarteraChannel() {}

  /**
   * Makes a channel for any number of threads. Its calls have the deadlines and retries that the
   * service publishes, and a request_id that all attempts share.
   *
   * @param target where the service is, such as {@code cartera.example.org:7733}
   * @param credentials TLS, or {@code InsecureChannelCredentials.create()} on loopback
   */
  public static ManagedChannelBuilder<?> builder(String target, ChannelCredentials credentials) {
    return Grpc.newChannelBuilder(target, credentials)
        .defaultServiceConfig(ServiceConfig.published())
        .enableRetry()
        .intercept(new RequestIdInterceptor())
        // A service whose machine is gone says nothing: a watch notices within 40 s.
        .keepAliveTime(30, SECONDS)
        .keepAliveTimeout(10, SECONDS)
        // A page of a list may be longer than gRPC's 4 MiB.
        .maxInboundMessageSize(LONGEST_MESSAGE);
  }
}
