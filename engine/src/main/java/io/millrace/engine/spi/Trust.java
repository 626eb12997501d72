package io.millrace.engine.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

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
    return context(Optional.of(file), password, Optional.empty(), Optional.empty());
  }

  /**
   * TLS with the certificates and the key of files, read now.
   *
   * @param trusted a .pem, .jks or .p12; the JVM's own certificates if empty
   * @param key a .jks or .p12 with the key by which the client tells who it is, if it does
   * @throws IllegalArgumentException with a sentence, if one cannot be read
   */
  public static SSLContext context(
      Optional<Path> trusted,
      Optional<Secret> password,
      Optional<Path> key,
      Optional<Secret> keyPassword) {
    TrustManager @Nullable [] trust =
        trusted.map(file -> read("truststore", file, () -> trust(file, password))).orElse(null);
    KeyManager @Nullable [] keys =
        key.map(file -> read("keystore", file, () -> keys(file, keyPassword))).orElse(null);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Cannot use TLS: " + e.getMessage(), e);
    }
  }

  /**
   * Why a connection failed, if that is for a certificate: who signed it, the host that it names,
   * or its time.
   */
  public static Optional<String> fault(Throwable why) {
    Throwable last = Causes.root(why);
    String said = String.valueOf(last.getMessage());
    if (!Causes.any(why, CertificateException.class)) {
      return Optional.empty();
    }
    return Optional.of(
        last instanceof CertificateExpiredException
            ? "the certificate has expired, " + said
            : said);
  }

  /** Reads a file. */
  @FunctionalInterface
  private interface Reader<T> {
    T read() throws IOException, GeneralSecurityException;
  }

  private static <T> T read(String kind, Path file, Reader<T> reader) {
    try {
      return reader.read();
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "Cannot read the %s %s: there is no such file. Check its path".formatted(kind, file), e);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "Cannot read the %s %s: %s. Check that it is a .pem, .jks or .p12, and its password"
              .formatted(kind, file, e.getMessage()),
          e);
    }
  }

  private static TrustManager[] trust(Path file, Optional<Secret> password)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store(file, password));
    return trust.getTrustManagers();
  }

  private static KeyManager[] keys(Path file, Optional<Secret> password)
      throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(
        store(file, password), password.map(word -> word.reveal().toCharArray()).orElse(null));
    return keys.getKeyManagers();
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
