package io.millrace.sinks.http;

import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Trust;
import io.millrace.sinks.pool.Breaker;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;

/** The clients of this JVM, and the paces at which they may go. */
final class Client {
  private static final int SAID = 300;
  private static final Map<Kind, HttpClient> OPEN = new ConcurrentHashMap<>();
  private static final Map<String, Breaker> BREAKERS = new ConcurrentHashMap<>();
  private static final Map<HttpSettings, Pace> PACES = new ConcurrentHashMap<>();

  private Client() {}

  /** What of the settings a client is made of. */
  private record Kind(
      Duration connectTimeout,
      Optional<String> truststore,
      Optional<Secret> truststorePassword,
      Optional<String> keystore,
      Optional<Secret> keystorePassword) {
    static Kind of(HttpSettings settings) {
      return new Kind(
          settings.connectTimeout(),
          settings.truststore(),
          settings.truststorePassword(),
          settings.keystore(),
          settings.keystorePassword());
    }
  }

  /** The client that all tasks share; it keeps its connections. */
  static HttpClient of(HttpSettings settings) {
    return OPEN.computeIfAbsent(Kind.of(settings), Client::open);
  }

  /** How fast those with these settings may go together. */
  static Pace pace(HttpSettings settings) {
    return PACES.computeIfAbsent(
        settings, given -> new Pace(given.requestsPerSecond().orElse(0.0)));
  }

  /** What spares their endpoint while it is away. */
  static Breaker breaker(HttpSettings settings) {
    return BREAKERS.computeIfAbsent(settings.place(), Breaker::new);
  }

  private static HttpClient open(Kind kind) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(kind.connectTimeout());
    if (kind.truststore().isPresent() || kind.keystore().isPresent()) {
      client.sslContext(
          Trust.context(
              kind.truststore().map(Path::of),
              kind.truststorePassword(),
              kind.keystore().map(Path::of),
              kind.keystorePassword()));
    }
    return client.build();
  }

  /** Lets requests start no closer to each other than a rate allows. */
  static final class Pace {
    private final long interval;
    private long next = System.nanoTime();

    Pace(double perSecond) {
      this.interval = perSecond > 0 ? (long) (1e9 / perSecond) : 0;
    }

    /** How long who asks has to wait before it may start. */
    synchronized Duration take() {
      if (interval == 0) {
        return Duration.ZERO;
      }
      long now = System.nanoTime();
      long at = Math.max(next, now);
      next = at + interval;
      return Duration.ofNanos(at - now);
    }
  }

  /** Keeps the begin of an answer, and reads the rest to its end. */
  static final class Begin implements BodySubscriber<String> {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final CompletableFuture<String> body = new CompletableFuture<>();

    @Override
    public CompletionStage<String> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] part = new byte[Math.min(buffer.remaining(), SAID - kept.size())];
        buffer.get(part);
        kept.writeBytes(part);
      }
    }

    @Override
    public void onError(Throwable why) {
      body.completeExceptionally(why);
    }

    @Override
    public void onComplete() {
      body.complete(kept.toString(StandardCharsets.UTF_8));
    }
  }
}
