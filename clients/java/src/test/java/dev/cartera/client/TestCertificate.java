package dev.cartera.client;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for loopback, which its clients trust and nobody else. */
record TestCertificate(KeyStore store) {
  private static final String PASSWORD = "made-up";

  static TestCertificate madeIn(Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path file = directory.resolve("certificate.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command = new ArrayList<>(List.of(keytool.toString(), "-genkeypair"));
    options(file).forEach((name, value) -> command.addAll(List.of("-" + name, value)));
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("keytool ended with " + status);
    }
    return new TestCertificate(KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
  }

  private static Map<String, String> options(Path file) {
    return Map.of(
        "alias", "server",
        "keyalg", "EC",
        "dname", "CN=server",
        "ext", "san=ip:127.0.0.1",
        "storetype", "PKCS12",
        "storepass", PASSWORD,
        "keystore", file.toString());
  }

  ServerCredentials ofServer() throws GeneralSecurityException {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    return TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build();
  }

  ChannelCredentials ofTrustingClient() throws GeneralSecurityException {
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store);
    return TlsChannelCredentials.newBuilder().trustManager(trusted.getTrustManagers()).build();
  }
}
