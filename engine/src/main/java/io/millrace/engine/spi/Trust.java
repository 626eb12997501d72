package io.millrace.engine.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whom a client trusts that speaks TLS. */
public final class Trust {
  private Trust() {}

  /**
   * TLS with the certificates of a file, read now.
   *
   * @param file a .pem, .jks or .p12
   * @throws IllegalArgumentException with a sentence, if it cannot be read
   */
  public static SSLContext context(Path file, Optional<Secret> password) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store(file, password));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "Cannot read the truststore %s: there is no such file. Check its path".formatted(file),
          e);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "Cannot read the truststore %s: %s. Check that it is a .pem, .jks or .p12, and its password"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static KeyStore store(Path file, Optional<Secret> password)
      throws IOException, GeneralSecurityException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean text = name.endsWith(".pem") || name.endsWith(".crt");
    KeyStore store = KeyStore.getInstance(name.endsWith(".jks") ? "JKS" : "PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      if (!text) {
        store.load(in, password.map(secret -> secret.reveal().toCharArray()).orElse(null));
        return store;
      }
      store.load(null, null);
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("trusted-" + store.size(), each);
      }
    }
    if (store.size() == 0) {
      throw new IOException("it holds no certificate");
    }
    return store;
  }
}
