package io.millrace.engine.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Questions to a registry, asked again while it is away, at one place of it after another. */
final class Calls {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final String JSON = "application/vnd.schemaregistry.v1+json, application/json";
  private static final ObjectMapper READER = new ObjectMapper();
  private static final int SAID = 500;

  private final SchemaRegistry registry;
  private final HttpClient client;

  Calls(SchemaRegistry registry) {
    this.registry = registry;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT);
    registry
        .truststore()
        .ifPresent(
            file ->
                builder.sslContext(Trust.context(Path.of(file), registry.truststorePassword())));
    this.client = builder.build();
  }

  String place() {
    return "the schema registry at " + registry.url();
  }

  /** What it answers, empty if it knows nothing of it. */
  Optional<JsonNode> get(String path) {
    return answer(path, request -> request.GET());
  }

  /**
   * The same for a question that sends something.
   *
   * @throws RefusedSchemaException if what is sent is refused
   */
  Optional<JsonNode> post(String path, String body) {
    return answer(
        path,
        request ->
            request
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private interface Method {
    HttpRequest.Builder of(HttpRequest.Builder request);
  }

  private Optional<JsonNode> answer(String path, Method method) {
    List<String> places = registry.places();
    long end = System.nanoTime() + registry.patience().toNanos();
    Duration pause = FIRST_PAUSE;
    for (int tries = 0; ; tries++) {
      String place = places.get(tries % places.size());
      Away away;
      try {
        HttpResponse<String> response =
            client.send(
                method.of(request(place + path)).build(), HttpResponse.BodyHandlers.ofString());
        if (!passing(response.statusCode())) {
          return read(response);
        }
        away = new Away("it answers " + response.statusCode(), null);
      } catch (SSLException e) {
        throw new IllegalStateException(
            "Cannot connect to %s by TLS: %s. Check that url has the host of its certificate, and truststore the certificate of who signed it"
                .formatted(place(), tls(e)),
            e);
      } catch (IOException e) {
        away = new Away(text(e), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while asking " + place(), e);
      }
      if (System.nanoTime() + pause.toNanos() > end && tries + 1 >= places.size()) {
        throw new IllegalStateException(
            "Cannot reach %s: %s. It was asked %d times in %s. Check that it runs and url is right, or raise patience"
                .formatted(place(), away.why(), tries + 1, Durations.text(registry.patience())),
            away.cause());
      }
      pause(pause);
      pause = longer(pause);
    }
  }

  private record Away(String why, @Nullable Throwable cause) {}

  private HttpRequest.Builder request(String address) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address)).timeout(ANSWER).header("Accept", JSON);
    registry
        .user()
        .ifPresent(
            user ->
                request.header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(
                                (user + ":" + registry.password().orElseThrow().reveal())
                                    .getBytes(StandardCharsets.UTF_8))));
    registry
        .token()
        .ifPresent(token -> request.header("Authorization", "Bearer " + token.reveal()));
    return request;
  }

  private static boolean passing(int status) {
    return status >= 500 || status == 408 || status == 429;
  }

  private Optional<JsonNode> read(HttpResponse<String> response) {
    int status = response.statusCode();
    return switch (status) {
      case 200 -> Optional.of(json(response.body()));
      case 404 -> unknown(response.body());
      case 401, 403 ->
          throw new IllegalStateException(
              "Cannot log in to %s%s: it answers %d. Check user and password, or token, and what they may read and write"
                  .formatted(
                      place(), registry.user().map(user -> " as " + user).orElse(""), status));
      case 409, 422 -> throw new RefusedSchemaException(said(response.body()));
      default -> throw foreign(status, response.body());
    };
  }

  /** Only its own 404 says that it knows nothing of a thing; that of a wrong path says nothing. */
  private Optional<JsonNode> unknown(String body) {
    if (parsed(body).path("error_code").asInt() / 100 == 404) {
      return Optional.empty();
    }
    throw foreign(404, body);
  }

  private JsonNode json(String body) {
    JsonNode read = parsed(body);
    if (!read.isObject()) {
      throw foreign(200, body);
    }
    return read;
  }

  private IllegalStateException foreign(int status, String body) {
    return new IllegalStateException(
        "Cannot use %s: it answers %d, %s. Check that url leads to Confluent's API, with its path if it has one"
            .formatted(place(), status, said(body)));
  }

  private static String said(String body) {
    String message = parsed(body).path("message").asText();
    return shortened(message.isEmpty() ? body.strip() : message);
  }

  /** What something else in its place answers need not be JSON. */
  private static JsonNode parsed(String body) {
    try {
      return READER.readTree(body);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= SAID ? line : line.substring(0, SAID) + "…";
  }

  private static String tls(Throwable why) {
    Throwable cause = Causes.root(why);
    String text = text(cause);
    return cause instanceof java.security.cert.CertificateExpiredException
        ? "the certificate has expired, " + text
        : text;
  }

  /** The JDK says nothing at all of a connection that is refused. */
  private static String text(Throwable why) {
    return Optional.ofNullable(why.getMessage())
        .map(Causes::clause)
        .orElseGet(
            () ->
                why instanceof java.net.ConnectException
                    ? "nobody answers there"
                    : why.getClass().getSimpleName());
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private void pause(Duration most) {
    try {
      long nanos = most.toNanos();
      Thread.sleep(
          Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos)).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + place(), e);
    }
  }
}
