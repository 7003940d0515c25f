package dev.cartera.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Map;

/** The published service config: which calls may be tried again, and how long each may take. */
final class ServiceConfig {
  private static final String RESOURCE = "service_config.json";

  private ServiceConfig() {}

  /** As gRPC wants it: all numbers are doubles, which is how Gson reads them. */
  static Map<String, ?> published() {
    try (var resource = ServiceConfig.class.getResourceAsStream(RESOURCE);
        var reader = new InputStreamReader(resource, UTF_8)) {
      return new Gson().fromJson(reader, new TypeToken<Map<String, Object>>() {});
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
