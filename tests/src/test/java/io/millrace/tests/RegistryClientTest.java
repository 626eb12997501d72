package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.millrace.engine.registry.RegistryClient;
import io.millrace.engine.registry.SchemaRegistry;
import io.millrace.engine.registry.Written;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How a registry is reached: over TLS, with a login, and what is said where that fails. */
class RegistryClientTest {
  private static final LocalRegistry REGISTRY = LocalRegistry.shared();
  private static final String SCHEMA = RegistryDecodeTest.FIRST;

  private static Optional<Secret> secret(Path file) {
    return Optional.of(Secret.of("${file:" + file + "}"));
  }

  private static SchemaRegistry registry(
      String url, Optional<String> user, Optional<Secret> password, Optional<Path> trust) {
    return new SchemaRegistry(
        url,
        user,
        password,
        Optional.empty(),
        trust.map(Path::toString),
        Optional.empty(),
        Duration.ofMillis(100));
  }

  private static SchemaRegistry over(String url, Optional<Path> trust) {
    return registry(url, Optional.of(LocalRegistry.USER), secret(REGISTRY.password()), trust);
  }

  @Test
  void asksByTlsOfWhomItTrusts() {
    int id = REGISTRY.register("tls-value", SCHEMA);
    RegistryClient client =
        RegistryClient.of(over(REGISTRY.secureUrl("localhost"), Optional.of(REGISTRY.trusted())));

    assertThat(client.schema(id)).contains(new Written(id, SCHEMA, "AVRO", false));
    assertThat(client.schema(7_000_003)).isEmpty();
    assertThat(client.newest("tls-value").map(Written::id)).contains(id);
    assertThat(client.newest("tls-none-value")).isEmpty();
    assertThat(client.id("tls-value", SCHEMA)).contains(id);
    assertThat(client.id("tls-none-value", SCHEMA)).isEmpty();
    assertThat(client.register("tls-value", SCHEMA)).isEqualTo(id);
  }

  @Test
  void asksTheNextPlaceWhereOneIsAway() {
    int id = REGISTRY.register("places-value", SCHEMA);

    assertThat(
            RegistryClient.of(over("http://localhost:1, " + REGISTRY.url() + "/", Optional.empty()))
                .schema(id))
        .isPresent();
  }

  private static Stream<Arguments> mistakes() throws IOException {
    Optional<String> user = Optional.of(LocalRegistry.USER);
    Optional<Secret> wrong =
        secret(Files.writeString(Folders.temporary("wrong").resolve("password"), "change-you"));
    String host = REGISTRY.secureUrl("localhost");
    String address = REGISTRY.secureUrl("127.0.0.1");
    Optional<Path> trust = Optional.of(REGISTRY.trusted());
    String tls =
        "Check that url has the host of its certificate, and truststore the certificate of who"
            + " signed it";
    String login = "Check user and password, or token, and what they may read and write";
    return Stream.of(
        arguments(
            registry(REGISTRY.url(), user, wrong, Optional.empty()),
            "Cannot log in to the schema registry at %s as app: it answers 401. %s"
                .formatted(REGISTRY.url(), login)),
        arguments(
            registry(REGISTRY.url(), Optional.empty(), Optional.empty(), Optional.empty()),
            "Cannot log in to the schema registry at %s: it answers 401. %s"
                .formatted(REGISTRY.url(), login)),
        arguments(
            over(address, trust),
            "Cannot connect to the schema registry at %s by TLS: No subject alternative names matching IP address 127.0.0.1 found. %s"
                .formatted(address, tls)),
        arguments(
            over(host, Optional.empty()),
            "Cannot connect to the schema registry at %s by TLS: unable to find valid certification path to requested target. %s"
                .formatted(host, tls)),
        arguments(
            over(REGISTRY.url().replace("/ccompat/v7", ""), Optional.empty()),
            "Cannot use the schema registry at %s: it answers 404"
                .formatted(REGISTRY.url().replace("/ccompat/v7", ""))));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhyItCannotAsk(SchemaRegistry registry, String sentence) {
    RegistryClient client = RegistryClient.of(registry);

    assertThatThrownBy(() -> client.schema(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(sentence);
    assertThatThrownBy(() -> client.register("never-value", SCHEMA))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void takesNoCertificateThatHasExpired() throws Exception {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 5);
    server.setHttpsConfigurator(new HttpsConfigurator(keys(REGISTRY.expired())));
    server.start();
    String url = "https://localhost:" + server.getAddress().getPort();
    try {
      RegistryClient client = RegistryClient.of(over(url, Optional.of(REGISTRY.trusted())));

      assertThatThrownBy(() -> client.schema(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "Cannot connect to the schema registry at %s by TLS: the certificate has expired, NotAfter: "
                  .formatted(url));
    } finally {
      server.stop(0);
    }
  }

  private static SSLContext keys(Path store) throws IOException, GeneralSecurityException {
    char[] password = LocalRegistry.PASSWORD.toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, password);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  /** The registry at hand takes no tokens: what counts here is what is sent. */
  @Test
  void showsATokenAndFollowsNobodyElsewhere() throws IOException {
    List<String> shown = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 5);
    String url = "http://localhost:" + server.getAddress().getPort();
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            shown.add(
                exchange.getRequestURI()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders().add("Location", url + "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
          }
        });
    server.start();
    Path token = Files.writeString(Folders.temporary("token").resolve("token"), "t-1");
    try {
      RegistryClient client =
          RegistryClient.of(
              new SchemaRegistry(
                  url,
                  Optional.empty(),
                  Optional.empty(),
                  secret(token),
                  Optional.empty(),
                  Optional.empty(),
                  Duration.ZERO));

      assertThatThrownBy(() -> client.newest("a b/c-value"))
          .hasMessageStartingWith(
              "Cannot use the schema registry at %s: it answers 302".formatted(url));
    } finally {
      server.stop(0);
    }
    assertThat(shown).containsExactly("/subjects/a%20b%2Fc-value/versions/latest Bearer t-1");
  }

  private static Stream<Arguments> wrongSettings() {
    Optional<String> user = Optional.of("app");
    Optional<Secret> password = Optional.of(Secret.of("${PW}"));
    Optional<Path> trust = Optional.of(Path.of("ca.pem"));
    return Stream.of(
        arguments(
            " ",
            user,
            password,
            trust,
            "Missing url. Name where the registry answers, such as http://localhost:8081"),
        arguments(
            "registry:8081",
            user,
            password,
            trust,
            "Expected a url such as http://localhost:8081, found registry:8081"),
        arguments(
            "file:///etc/passwd",
            user,
            password,
            trust,
            "Expected a url such as http://localhost:8081, found file:///etc/passwd"),
        arguments(
            "http://a:b@h",
            user,
            password,
            trust,
            "Cannot take a login within url. Use user, and password by reference"),
        arguments(
            "http://h?x=1",
            user,
            password,
            trust,
            "Cannot take a query in url, found http://h?x=1. Leave out what follows the path"),
        arguments(
            "http://h",
            user,
            password,
            trust,
            "Cannot use a truststore without TLS. Write a url that begins with https://"),
        arguments(
            "http://h",
            user,
            Optional.empty(),
            Optional.empty(),
            "Missing password. Give it by reference, such as ${file:/run/secrets/registry}"),
        arguments(
            "http://h",
            Optional.empty(),
            password,
            Optional.empty(),
            "Missing user. Name whose password it is"));
  }

  @ParameterizedTest
  @MethodSource("wrongSettings")
  void refusesSettingsThatCannotBeMeant(
      String url,
      Optional<String> user,
      Optional<Secret> password,
      Optional<Path> trust,
      String sentence) {
    assertThatThrownBy(() -> registry(url, user, password, trust))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }
}
