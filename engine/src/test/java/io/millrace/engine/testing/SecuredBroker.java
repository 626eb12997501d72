package io.millrace.engine.testing;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A broker that listens by TLS too, to users who log in by PLAIN or SCRAM: {@link #USER}, and
 * {@link #GUEST}, who may do nothing more. It is for the host {@code localhost} only.
 */
public final class SecuredBroker implements AutoCloseable {
  public static final String USER = "app";
  public static final String GUEST = "guest";

  private static final String SECURED = "secured";
  private static final String EXPIRED = "expired";

  private final LocalBroker broker;
  private final Path authority;
  private final Path truststore;
  private final Path stranger;

  private SecuredBroker(LocalBroker broker, Path authority, Path truststore, Path stranger) {
    this.broker = broker;
    this.authority = authority;
    this.truststore = truststore;
    this.stranger = stranger;
  }

  /**
   * A broker with its keys and data in a folder.
   *
   * @param password of every user, and of every store of keys
   */
  public static SecuredBroker start(Path folder, String password) {
    Certificates authority = Certificates.authority(folder, "authority", password);
    Path good = authority.signed("broker", "localhost", "-1d");
    Path old = authority.signed("expired", "localhost", "-20d");
    LocalBroker broker =
        LocalBroker.start(
            folder,
            new LocalBroker.More(
                Map.of(SECURED, "SASL_SSL", EXPIRED, "SASL_SSL"),
                Map.of(),
                listener(SECURED, good, password)
                    + listener(EXPIRED, old, password)
                    + """
                    authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
                    super.users=User:ANONYMOUS;User:app
                    """,
                Stream.of(USER, GUEST)
                    .flatMap(
                        user ->
                            Stream.of("SCRAM-SHA-256", "SCRAM-SHA-512")
                                .map(
                                    how ->
                                        "%s=[name=%s,password=%s]".formatted(how, user, password)))
                    .toList()));
    return new SecuredBroker(
        broker,
        Path.of(authority.pem()),
        authority.truststore("truststore"),
        Path.of(Certificates.authority(folder, "stranger", password).pem()));
  }

  /** The same broker without security, as a test's own clients see it. */
  public LocalBroker plain() {
    return broker;
  }

  /** The listener by TLS: {@code localhost} and its port. */
  public String servers() {
    return broker.servers(SECURED);
  }

  /** The same behind a certificate that does not hold any more. */
  public String expired() {
    return broker.servers(EXPIRED);
  }

  /** The certificate of who signed the broker's, as PEM. */
  public Path authority() {
    return authority;
  }

  /** The same as PKCS 12, behind the password. */
  public Path truststore() {
    return truststore;
  }

  /** The certificate of somebody who signed nothing here, as PEM. */
  public Path stranger() {
    return stranger;
  }

  @Override
  public void close() {
    broker.close();
  }

  private static String listener(String name, Path store, String password) {
    String users =
        Stream.of(USER, GUEST)
            .map(user -> "user_%s=\"%s\"".formatted(user, escaped(password).replace("\"", "\\\"")))
            .collect(Collectors.joining(" "));
    String module = "org.apache.kafka.common.security.";
    return Map.of(
            "ssl.keystore.location",
            store.toString(),
            "ssl.keystore.type",
            "PKCS12",
            "ssl.keystore.password",
            password,
            "sasl.enabled.mechanisms",
            "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "plain.sasl.jaas.config",
            module + "plain.PlainLoginModule required " + users + ";",
            "scram-sha-256.sasl.jaas.config",
            module + "scram.ScramLoginModule required;",
            "scram-sha-512.sasl.jaas.config",
            module + "scram.ScramLoginModule required;")
        .entrySet()
        .stream()
        .map(
            line ->
                "listener.name.%s.%s=%s\n".formatted(name, line.getKey(), escaped(line.getValue())))
        .collect(Collectors.joining());
  }

  /** A backslash doubled, as a file of properties and a login configuration each want it. */
  private static String escaped(String text) {
    return text.replace("\\", "\\\\");
  }
}
