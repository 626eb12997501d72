package io.millrace.engine.spi;

import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateExpiredException;
import java.util.List;
import java.util.Optional;

/** What a question to Kafka that failed means. */
public final class KafkaFault {
  private static final String KAFKA = "org.apache.kafka.common.";

  private KafkaFault() {}

  /**
   * A sentence that says where, what and what would work, without a secret.
   *
   * @param what was asked for, such as {@code topic orders}
   */
  public static String sentence(KafkaClient client, String what, Throwable why) {
    String at = "Kafka at " + client.servers();
    List<Throwable> causes = Causes.of(why);
    Throwable root = Causes.root(why);
    if (has(causes, "errors.SslAuthenticationException")) {
      return "Cannot connect to %s by TLS: %s. Check that servers has the host of the broker's certificate, and truststore the certificate of who signed it"
          .formatted(at, tls(root));
    }
    if (has(causes, "errors.AuthenticationException")) {
      return "Cannot log in to %s%s: %s. Check user, password and mechanism"
          .formatted(at, as(client), Causes.clause(root));
    }
    if (has(causes, "errors.AuthorizationException")) {
      return "Cannot look at %s of %s%s: %s. Let the user describe it, and read or write it"
          .formatted(what, at, as(client), Causes.clause(root));
    }
    if (has(causes, "errors.TimeoutException")) {
      return "Cannot reach %s: %s. Check that servers is right, that the broker runs, that its advertised listeners are reachable from here, and that security fits"
          .formatted(at, Causes.clause(root));
    }
    if (has(List.of(root), "config.ConfigException") && Causes.clause(root).contains("bootstrap")) {
      return "Cannot find the host of %s: %s. Check servers".formatted(at, Causes.clause(root));
    }
    return store(causes)
        .orElseGet(() -> "Cannot ask %s for %s: %s".formatted(at, what, Causes.clause(root)));
  }

  /** Kafka's own types are known by name: here are no classes of Kafka. */
  private static boolean has(List<Throwable> causes, String type) {
    return causes.stream().anyMatch(cause -> is(cause.getClass(), KAFKA + type));
  }

  private static boolean is(Class<?> type, String name) {
    return type.getName().equals(name)
        || Optional.<Class<?>>ofNullable(type.getSuperclass())
            .map(above -> is(above, name))
            .orElse(false);
  }

  private static String as(KafkaClient client) {
    return client.security().flatMap(KafkaSecurity::user).map(user -> " as " + user).orElse("");
  }

  /** Kafka calls a truststore a keystore too, and names its file. */
  private static Optional<String> store(List<Throwable> causes) {
    for (int at = 0; at + 1 < causes.size(); at++) {
      String text = Causes.clause(causes.get(at));
      if (text.matches("Failed to load .*SSL keystore [^\n]*")) {
        boolean missing = causes.get(causes.size() - 1) instanceof NoSuchFileException;
        return Optional.of(
            "Cannot read %s: %s. Check its path and its password"
                .formatted(
                    text.replaceFirst("Failed to load .*SSL keystore", "the store of keys"),
                    missing ? "there is no such file" : Causes.clause(causes.get(at + 1))));
      }
    }
    return Optional.empty();
  }

  private static String tls(Throwable root) {
    if (root instanceof CertificateExpiredException) {
      return "the certificate has expired, " + Causes.clause(root);
    }
    return Causes.clause(root);
  }
}
