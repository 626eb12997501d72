package io.millrace.sinks.http;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Trust;
import io.millrace.sinks.encode.Rejected;
import io.millrace.sinks.http.Lines.Line;
import io.millrace.sinks.pool.Breaker;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of one task, a few requests at a time. What an endpoint refuses as a bad request
 * is sent again each half at a time, down to the rows that it refuses alone.
 */
final class HttpWriter implements RowWriter<HttpReceipt> {
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final HttpSettings settings;
  private final Attempt attempt;
  private final HttpClient client;
  private final Client.Pace pace;
  private final Breaker breaker;
  private final HttpRequest.Builder template;
  private final Lines lines;
  private final Rejected rejected;
  private final int most;
  private final long first = Places.first(TaskContext.getPartitionId());
  private final Deque<Sent> flight = new ArrayDeque<>();
  private List<Line> chunk = new ArrayList<>();
  private long bytes;
  private long rows;

  HttpWriter(HttpSettings settings, Attempt attempt) {
    this.settings = settings;
    this.attempt = attempt;
    this.client = Client.of(settings);
    this.pace = Client.pace(settings);
    this.breaker = Client.breaker(settings);
    this.template = template(settings);
    this.lines = new Lines(settings, attempt.rows());
    this.rejected = new Rejected(attempt);
    this.most = settings.body() == HttpSettings.Body.ROW ? 1 : settings.rows();
  }

  /** A request that is under way. */
  private record Sent(
      List<Line> lines, HttpRequest request, CompletableFuture<HttpResponse<String>> answer) {}

  private static HttpRequest.Builder template(HttpSettings settings) {
    String type =
        settings.body() == HttpSettings.Body.LINES ? "application/x-ndjson" : "application/json";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.uri())
            .timeout(settings.timeout())
            .header("Content-Type", type);
    settings.reveal().forEach(header -> request.header(header.getKey(), header.getValue()));
    return request;
  }

  @Override
  public void write(InternalRow row) {
    Line line = lines.of(row, first + rows);
    rows++;
    if (!chunk.isEmpty() && bytes + line.json().length > settings.bytes().bytes()) {
      push();
    }
    chunk.add(line);
    bytes += line.json().length + 1;
    if (chunk.size() >= most) {
      push();
    }
  }

  private void push() {
    if (flight.size() >= settings.inFlight()) {
      settle(flight.remove());
    }
    flight.add(send(chunk));
    chunk = new ArrayList<>();
    bytes = 0;
  }

  private Sent send(List<Line> some) {
    byte[] body = Lines.body(settings.body(), some);
    HttpRequest request =
        template
            .copy()
            .setHeader(HttpSettings.KEY, key(some))
            .method(settings.method().name(), BodyPublishers.ofByteArray(body))
            .build();
    return new Sent(some, request, start(request, settings.retry()).orElseThrow(this::heldBack));
  }

  /** Sends a request; not where the endpoint is away for longer than there is patience. */
  private Optional<CompletableFuture<HttpResponse<String>>> start(
      HttpRequest request, Duration patience) {
    if (!breaker.admits(patience)) {
      return Optional.empty();
    }
    try {
      pause(pace.take());
      CompletableFuture<HttpResponse<String>> answer =
          client.sendAsync(request, head -> new Client.Begin());
      // The one that is returned is the one that can be cancelled.
      CompletableFuture<Void> unused = answer.handle(this::tell);
      return Optional.of(answer);
    } catch (RuntimeException e) {
      breaker.gaveUp();
      throw e;
    }
  }

  private @Nullable Void tell(
      @Nullable HttpResponse<String> response, @Nullable Throwable failure) {
    Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
    if (response == null && !(why instanceof IOException)) {
      breaker.gaveUp();
    } else if (response == null || Answer.of(response).mayPass()) {
      breaker.failed();
    } else {
      breaker.succeeded();
    }
    return null;
  }

  private IllegalStateException heldBack() {
    return new IllegalStateException(
        "Cannot write batch %d of sink %s to %s: the endpoint failed many times in a row, and did not come back in %s. Look what keeps it, or raise retry"
            .formatted(
                attempt.batch(),
                attempt.who().sink(),
                settings.place(),
                Durations.text(settings.retry())));
  }

  /** The same whenever the same rows are sent in one request for the same batch. */
  private String key(List<Line> some) {
    MessageDigest digest = sha256();
    digest.update(attempt.who().sink().getBytes(StandardCharsets.UTF_8));
    for (Line line : some) {
      digest.update(ByteBuffer.allocate(4).putInt(line.id().length).array());
      digest.update(line.id());
    }
    return "%s/%s/%d/%s"
        .formatted(
            attempt.who().job(),
            attempt.who().query(),
            attempt.batch(),
            HexFormat.of().formatHex(digest.digest(), 0, 16));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until a request is answered for good. */
  private void settle(Sent sent) {
    Answer answer = patiently(sent);
    if (answer.good()) {
      return;
    }
    if (!answer.refusesRows()) {
      throw new IllegalStateException(
          "Cannot write batch %d of sink %s to %s: %s. %s"
              .formatted(
                  attempt.batch(),
                  attempt.who().sink(),
                  settings.place(),
                  settings.masked(answer.words()),
                  answer.cure()));
    }
    int half = sent.lines().size() / 2;
    if (half > 0) {
      settle(send(sent.lines().subList(0, half)));
      settle(send(sent.lines().subList(half, sent.lines().size())));
      return;
    }
    rejected.add(
        new String(sent.lines().get(0).json(), StandardCharsets.UTF_8),
        sent.lines().get(0).place(),
        "http_" + answer.status(),
        "%s to a request with this row alone".formatted(settings.masked(answer.words())));
  }

  /** The first answer that does not say later; a request that gets none is sent again. */
  private Answer patiently(Sent sent) {
    long begun = System.nanoTime();
    Duration longest = FIRST;
    Answer answer = answer(sent.answer());
    for (int tries = 1; answer.mayPass(); tries++) {
      Duration jitter =
          Duration.ofNanos(
              ThreadLocalRandom.current().nextLong(longest.toNanos() / 2, longest.toNanos()));
      Duration asked = answer.after().orElse(Duration.ZERO);
      Duration wait = asked.compareTo(jitter) > 0 ? asked.plus(jitter.dividedBy(4)) : jitter;
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      if (took.plus(wait).compareTo(settings.retry()) > 0) {
        throw tired(answer, tries, took);
      }
      pause(wait);
      longest = longest.multipliedBy(2).compareTo(LONGEST) < 0 ? longest.multipliedBy(2) : LONGEST;
      Duration left = settings.retry().minusNanos(System.nanoTime() - begun);
      Optional<CompletableFuture<HttpResponse<String>>> again = start(sent.request(), left);
      if (again.isEmpty()) {
        throw tired(answer, tries, Duration.ofNanos(System.nanoTime() - begun));
      }
      answer = answer(again.get());
    }
    return answer;
  }

  private IllegalStateException tired(Answer answer, int tries, Duration took) {
    return new IllegalStateException(
        "Cannot write batch %d of sink %s to %s: %s. It was tried %d times in %s%s. Look what keeps the endpoint, or raise retry, which is %s"
            .formatted(
                attempt.batch(),
                attempt.who().sink(),
                settings.place(),
                settings.masked(answer.words()),
                tries,
                Durations.text(Duration.ofMillis(took.toMillis())),
                answer
                    .after()
                    .map(after -> ", and wants " + Durations.text(after) + " more")
                    .orElse(""),
                Durations.text(settings.retry())));
  }

  private Answer answer(CompletableFuture<HttpResponse<String>> under) {
    try {
      // The client itself limits the time to the head of an answer only.
      return Answer.of(under.get(2 * settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      under.cancel(true);
      return Answer.none(new IOException("the answer does not end"));
    } catch (ExecutionException e) {
      Optional<String> untrusted = Trust.fault(e);
      if (untrusted.isPresent()) {
        throw new IllegalStateException(
            "Cannot connect to %s by TLS: %s. Check that url has the host of the endpoint's certificate, and truststore the certificate of who signed it"
                .formatted(settings.place(), untrusted.get()),
            e.getCause());
      }
      if (e.getCause() instanceof IOException why) {
        return Answer.none(why);
      }
      throw new IllegalStateException("Cannot send to " + settings.place(), e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted while waiting for an answer", e);
  }

  @Override
  public HttpReceipt finish() {
    if (!chunk.isEmpty()) {
      push();
    }
    while (!flight.isEmpty()) {
      settle(flight.remove());
    }
    return new HttpReceipt(rows, rejected.all());
  }

  @Override
  public void close() {
    flight.forEach(sent -> sent.answer().cancel(true));
    flight.clear();
  }
}
