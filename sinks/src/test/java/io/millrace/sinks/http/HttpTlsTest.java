package io.millrace.sinks.http;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Trust;
import io.millrace.engine.testing.Certificates;
import io.millrace.engine.testing.Folders;
import io.millrace.sinks.testing.Batches;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** An endpoint by TLS that clients trust by a file, and that trusts clients by a certificate. */
class HttpTlsTest {
  private static final Path FOLDER = Folders.temporary("http-tls");
  private static final Certificates AUTHORITY = Certificates.forServer(FOLDER);
  private static final Path CLIENT = AUTHORITY.signed("client", "client", "-1d");
  private static final Optional<Secret> WORD = Optional.of(Secret.of("${UNSET:-millrace}"));

  private static Endpoint endpoint(String name) {
    SSLContext context =
        Trust.context(
            Optional.of(Path.of(AUTHORITY.pem())),
            Optional.empty(),
            Optional.of(FOLDER.resolve(name + ".p12")),
            WORD);
    return Endpoint.secured(context);
  }

  private static HttpSettings settings(
      String url, Optional<String> truststore, Optional<String> keystore) {
    return new HttpSettings(
        url,
        HttpSettings.Method.POST,
        HttpSettings.Body.ARRAY,
        10,
        new Size(1 << 20),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        truststore,
        Optional.empty(),
        keystore,
        keystore.isPresent() ? WORD : Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Optional.empty(),
        1);
  }

  private static void send(String url, Optional<String> truststore) {
    HttpSettings settings = settings(url, truststore, Optional.of(CLIENT.toString()));
    Batches.run(new HttpSink(settings), query(), APPEND, 0, sql("select 1 n"));
  }

  @Test
  void sendsToWhomItTrustsAndSaysWhyItDoesNot() {
    Optional<String> authority = Optional.of(AUTHORITY.pem());
    try (Endpoint endpoint = endpoint("server")) {
      send(endpoint.url("localhost"), authority);
      assertThat(endpoint.requests())
          .extracting(Endpoint.Request::body)
          .containsExactly("[{\"n\":1}]");

      assertThatThrownBy(() -> send(endpoint.url("127.0.0.1"), authority))
          .hasStackTraceContaining(
              "Cannot connect to %s by TLS: No subject alternative names matching IP address 127.0.0.1 found. Check that url has the host of the endpoint's certificate, and truststore the certificate of who signed it"
                  .formatted(endpoint.url("127.0.0.1")));
      assertThatThrownBy(() -> send(endpoint.url("localhost"), Optional.empty()))
          .hasStackTraceContaining("by TLS: unable to find valid certification path");
      assertThatThrownBy(
              () ->
                  Batches.run(
                      new HttpSink(
                          settings(endpoint.url("localhost"), authority, Optional.empty())),
                      query(),
                      APPEND,
                      0,
                      sql("select 1 n")))
          .as("the endpoint wants to know who it is")
          .hasStackTraceContaining("Cannot write batch 0 of sink sink");
      assertThat(endpoint.requests()).hasSize(1);
    }
    try (Endpoint endpoint = endpoint("expired")) {
      assertThatThrownBy(() -> send(endpoint.url("localhost"), authority))
          .hasStackTraceContaining("by TLS: the certificate has expired, NotAfter: ");
      assertThat(endpoint.requests()).isEmpty();
    }
  }

  @Test
  void refusesStoresThatItCannotUse() {
    assertThatThrownBy(
            () -> settings("http://h/rows", Optional.of("authority.pem"), Optional.empty()))
        .hasMessage("Cannot use a truststore or keystore without TLS. Write https:// in url");
    assertThatThrownBy(() -> send("https://localhost:1/rows", Optional.of("/no/such.pem")))
        .hasStackTraceContaining(
            "Cannot read the truststore /no/such.pem: there is no such file. Check its path");
  }
}
