package dev.cartera.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Who calls, as it stands in the metadata of each call: {@code stub.withCallCredentials(caller)}.
 */
public final class Caller extends CallCredentials {
  private static final Metadata.Key<String> ROLE = text("cartera-role");
  private static final Metadata.Key<String> SUBJECT = text("cartera-subject");
  private static final Metadata.Key<byte[]> SUBJECT_BYTES =
      Metadata.Key.of("cartera-subject-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final Metadata.Key<String> LANGUAGE = text("accept-language");
  private static final Metadata.Key<String> AUTHORIZATION = text("authorization");

  private final String role;
  private final String subject;
  private final String language;
  private final Supplier<String> token;

  private Caller(String role, String subject, String language, Supplier<String> token) {
    this.role = role;
    this.subject = subject;
    this.language = language;
    this.token = token;
  }

  /**
   * A caller of a service that believes its callers.
   *
   * @param role administrator, supervisor, agent or gateway
   * @param subject the caller's own id; an agent's is its agent id
   */
  public static Caller named(String role, String subject) {
    return new Caller(role, subject, "", null);
  }

  /**
   * A caller of a service that believes nobody. The token is sent over TLS only.
   *
   * @param token what proves tenant, role and subject; asked for with each attempt, so that it can
   *     be renewed
   */
  public static Caller withToken(Supplier<String> token) {
    return new Caller("", "", "", token);
  }

  /**
   * The same caller, whose errors are for people who read this language.
   *
   * @param language such as {@code es} or {@code es-MX, en;q=0.5}
   */
  public Caller reading(String language) {
    return new Caller(role, subject, language, token);
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    if (token == null) {
      applier.apply(said());
    } else if (call.getSecurityLevel() != SecurityLevel.PRIVACY_AND_INTEGRITY) {
      applier.fail(Status.UNAUTHENTICATED.withDescription("a token is sent over TLS only"));
    } else {
      executor.execute(() -> applyToken(applier));
    }
  }

  private void applyToken(MetadataApplier applier) {
    try {
      Metadata said = said();
      said.put(AUTHORIZATION, "Bearer " + token.get());
      applier.apply(said);
    } catch (RuntimeException failure) {
      applier.fail(Status.UNAUTHENTICATED.withDescription("there is no token").withCause(failure));
    }
  }

  private Metadata said() {
    Metadata said = new Metadata();
    putUnlessEmpty(said, ROLE, role);
    putUnlessEmpty(said, LANGUAGE, language);
    if (StandardCharsets.US_ASCII.newEncoder().canEncode(subject)) {
      putUnlessEmpty(said, SUBJECT, subject);
    } else {
      said.put(SUBJECT_BYTES, subject.getBytes(StandardCharsets.UTF_8));
    }
    return said;
  }

  private static void putUnlessEmpty(Metadata said, Metadata.Key<String> key, String value) {
    if (!value.isEmpty()) {
      said.put(key, value);
    }
  }

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
