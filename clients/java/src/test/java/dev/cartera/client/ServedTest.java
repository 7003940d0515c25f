package dev.cartera.client;

import io.grpc.BindableService;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** Tests with a server on loopback. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
abstract class ServedTest {
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Serves on a port; 0 is any that is free. */
  Server serve(int port, BindableService... services) {
    return serve(port, InsecureServerCredentials.create(), services);
  }

  Server serve(int port, ServerCredentials credentials, BindableService... services) {
    var builder = Grpc.newServerBuilderForPort(port, credentials);
    for (BindableService service : services) {
      builder.addService(service);
    }
    try {
      Server server = builder.build().start();
      servers.add(server);
      return server;
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  ManagedChannel connectTo(Server server) {
    return connectTo(server, InsecureChannelCredentials.create());
  }

  ManagedChannel connectTo(Server server, ChannelCredentials credentials) {
    ManagedChannel channel =
        CarteraChannel.builder("127.0.0.1:" + server.getPort(), credentials).build();
    channels.add(channel);
    return channel;
  }

  @AfterEach
  void end() throws InterruptedException {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Server server : servers) {
      server.shutdownNow().awaitTermination();
    }
  }
}
