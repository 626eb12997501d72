package io.millrace.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority and what it signs, made by the JDK's {@code keytool} in one folder. */
public final class Certificates {
  private final Path folder;
  private final String password;

  private Certificates(Path folder, String password) {
    this.folder = folder;
    this.password = password;
  }

  /** A new authority: {@code <name>.pem} holds its certificate, {@code <name>.p12} the key too. */
  static Certificates authority(Path folder, String name, String password) {
    Certificates authority = new Certificates(folder.resolve(name), password);
    authority.pair(Path.of(authority.folder + ".p12"), "CN=" + name, "-ext", "bc:c");
    authority.keytool(
        Path.of(authority.folder + ".p12"), "-exportcert", "-rfc", "-file", authority.pem());
    return authority;
  }

  /**
   * What a server for {@code localhost} presents, {@code server.key} and {@code server.crt}, and
   * what held until ten days ago, {@code expired.key} and {@code expired.crt}; both also as {@code
   * .p12} with the password {@code millrace}.
   */
  public static Certificates forServer(Path folder) {
    Certificates authority = authority(folder, "authority", "millrace");
    authority.exported("server", "localhost", "-1d");
    authority.exported("expired", "localhost", "-20d");
    return authority;
  }

  /** Puts what has expired in the place of what a server presents. */
  static void expire(Path folder) {
    try {
      for (String suffix : List.of(".key", ".crt")) {
        Files.write(
            folder.resolve("server" + suffix),
            Files.readAllBytes(folder.resolve("expired" + suffix)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write certificates in " + folder, e);
    }
  }

  public String pem() {
    return folder + ".pem";
  }

  /** A store that holds the authority's certificate alone. */
  Path truststore(String name) {
    Path store = folder.resolveSibling(name + ".p12");
    keytool(store, "-importcert", "-noprompt", "-file", pem());
    return store;
  }

  /**
   * A store with a key for a host, signed by the authority.
   *
   * @param start when its certificate begins to hold, as keytool says it; it holds for ten days
   */
  public Path signed(String name, String host, String start) {
    Path store = folder.resolveSibling(name + ".p12");
    String request = folder.resolveSibling(name + ".csr").toString();
    String reply = folder.resolveSibling(name + ".pem").toString();
    pair(store, "CN=" + name);
    keytool(store, "-certreq", "-file", request);
    keytool(
        Path.of(folder + ".p12"),
        "-gencert",
        "-rfc",
        "-infile",
        request,
        "-outfile",
        reply,
        "-ext",
        "san=dns:" + host,
        "-startdate",
        start,
        "-validity",
        "10");
    chain(Path.of(reply));
    keytool(store, "-importcert", "-noprompt", "-file", reply);
    return store;
  }

  /**
   * The same as OpenSSL reads it: the key, {@code <name>.key}; {@code <name>.crt} beside it has its
   * certificate and who signed that.
   */
  Path exported(String name, String host, String start) {
    export(signed(name, host, start), password);
    return folder.resolveSibling(name + ".key");
  }

  /** Writes the key of a store, and its certificates, as OpenSSL reads them. */
  private static void export(Path store, String password) {
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, password.toCharArray());
      Key key = keys.getKey("key", password.toCharArray());
      write(store, ".key", block("PRIVATE KEY", key.getEncoded()));
      StringBuilder chain = new StringBuilder();
      for (Certificate each : keys.getCertificateChain("key")) {
        chain.append(block("CERTIFICATE", each.getEncoded()));
      }
      write(store, ".crt", chain.toString());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("Cannot read the key of " + store, e);
    }
  }

  /** Databases take no key that others can read. */
  private static void write(Path store, String suffix, String text) throws IOException {
    Path file = Path.of(store.toString().replace(".p12", suffix));
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static String block(String name, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(name, text, name);
  }

  /** A reply is taken only together with who signed it. */
  private void chain(Path reply) {
    try {
      Files.writeString(reply, Files.readString(Path.of(pem())) + Files.readString(reply));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + reply, e);
    }
  }

  private void pair(Path store, String name, String... more) {
    List<String> words = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC", "-dname", name));
    words.addAll(List.of(more));
    keytool(store, words.toArray(String[]::new));
  }

  private void keytool(Path store, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("-alias", "key", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", password, "-J-XX:TieredStopAtLevel=1"));
    try {
      Path log = Files.createTempFile(store.getParent(), "keytool", ".log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "Cannot run keytool " + words[0] + " on " + store + ": " + Files.readString(log));
      }
      Files.delete(log);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run keytool on " + store, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while keytool ran", e);
    }
  }
}
