package io.millrace.engine.spi;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a client proves who it is to a Kafka broker, and whom it trusts. */
public record KafkaSecurity(
    @Doc("How the connection is protected.") @Default("sasl-ssl") Protocol protocol,
    @Doc("How the client logs in: needed with sasl-ssl and sasl-plaintext, and only there.")
        Optional<Mechanism> mechanism,
    @Doc("The user that logs in.") Optional<String> user,
    @Doc("The password of the user.") Optional<Secret> password,
    @Doc("A file of trusted certificates: .pem, .jks or .p12. The JVM's own if left out.")
        Optional<String> truststore,
    @Doc("The password of the truststore.") Optional<Secret> truststorePassword,
    @Doc("A file with the client's own key and certificate: .pem, .jks or .p12.")
        Optional<String> keystore,
    @Doc("The password of the keystore.") Optional<Secret> keystorePassword,
    @Doc("The password of the key in the keystore.") Optional<Secret> keyPassword) {

  /** What protects the connection. */
  public enum Protocol {
    PLAINTEXT,
    SSL,
    SASL_PLAINTEXT,
    SASL_SSL
  }

  /** A way to log in. */
  public enum Mechanism {
    PLAIN,
    SCRAM_SHA_256,
    SCRAM_SHA_512
  }

  public KafkaSecurity {
    boolean logsIn = protocol == Protocol.SASL_PLAINTEXT || protocol == Protocol.SASL_SSL;
    if (logsIn && (mechanism.isEmpty() || user.isEmpty() || password.isEmpty())) {
      throw new IllegalArgumentException(
          "Missing mechanism, user or password for protocol "
              + word(protocol)
              + ". Give all three, for example mechanism: scram-sha-512");
    }
    if (!logsIn && (mechanism.isPresent() || user.isPresent() || password.isPresent())) {
      throw new IllegalArgumentException(
          "Cannot log in with protocol " + word(protocol) + ". Use sasl-ssl or sasl-plaintext");
    }
    boolean encrypts = protocol == Protocol.SSL || protocol == Protocol.SASL_SSL;
    if (!encrypts && (truststore.isPresent() || keystore.isPresent())) {
      throw new IllegalArgumentException(
          "Cannot use a truststore or keystore with protocol "
              + word(protocol)
              + ". Use ssl or sasl-ssl");
    }
  }

  /** The properties of a client, secrets in clear. */
  Map<String, String> reveal() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("security.protocol", protocol.name());
    mechanism.ifPresent(
        how -> {
          all.put("sasl.mechanism", how.name().replace('_', '-'));
          all.put("sasl.jaas.config", login(how));
        });
    truststore.ifPresent(file -> store(all, "ssl.truststore", file, truststorePassword));
    keystore.ifPresent(file -> store(all, "ssl.keystore", file, keystorePassword));
    keyPassword.ifPresent(secret -> all.put("ssl.key.password", secret.reveal()));
    return all;
  }

  private static void store(
      Map<String, String> all, String prefix, String file, Optional<Secret> password) {
    all.put(prefix + ".location", file);
    all.put(prefix + ".type", type(file));
    password.ifPresent(secret -> all.put(prefix + ".password", secret.reveal()));
  }

  private static String type(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".pem")) {
      return "PEM";
    }
    return name.endsWith(".p12") || name.endsWith(".pfx") ? "PKCS12" : "JKS";
  }

  private String login(Mechanism how) {
    String module =
        how == Mechanism.PLAIN
            ? "org.apache.kafka.common.security.plain.PlainLoginModule"
            : "org.apache.kafka.common.security.scram.ScramLoginModule";
    return "%s required username=%s password=%s;"
        .formatted(module, quoted(user.orElseThrow()), quoted(password.orElseThrow().reveal()));
  }

  /** Kafka's login configuration takes a backslash before a quote or another backslash. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String word(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
