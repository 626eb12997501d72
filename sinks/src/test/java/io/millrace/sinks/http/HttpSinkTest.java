package io.millrace.sinks.http;

import static io.millrace.sinks.http.Endpoint.answer;
import static io.millrace.sinks.http.Endpoint.drop;
import static io.millrace.sinks.http.Endpoint.refusing;
import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.testing.Batches;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSinkTest {
  private static final Writing LETTERS =
      new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, Limit.NONE);

  private final Endpoint endpoint = new Endpoint();
  private HttpSettings.Method method = HttpSettings.Method.POST;
  private HttpSettings.Body body = HttpSettings.Body.ARRAY;
  private int rows = 500;
  private Size bytes = new Size(1 << 20);
  private List<String> columns = List.of();
  private List<String> id = List.of();
  private Map<String, String> headers = Map.of();
  private Map<String, Secret> secrets = Map.of();
  private Optional<Secret> token = Optional.empty();
  private Duration timeout = Duration.ofSeconds(10);
  private Duration retry = Duration.ofSeconds(20);
  private Optional<Double> rate = Optional.empty();
  private int inFlight = 4;

  private HttpSink sink() {
    return sink(endpoint.url());
  }

  private HttpSink sink(String url) {
    return new HttpSink(
        new HttpSettings(
            url,
            method,
            body,
            rows,
            bytes,
            columns,
            id,
            headers,
            secrets,
            token,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(5),
            timeout,
            retry,
            rate,
            inFlight));
  }

  private static Dataset<Row> numbers(int count) {
    return sql("select id n from range(0, %d, 1, 1)".formatted(count));
  }

  private List<String> bodies() {
    return endpoint.requests().stream().map(Endpoint.Request::body).toList();
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  @Test
  void sendsArraysOfRows() {
    rows = 2;
    headers = Map.of("X-Kind", "number");
    token = Optional.of(Secret.of("${UNSET:-word}"));
    inFlight = 1;
    List<HttpReceipt> receipts = Batches.run(sink(), query(), APPEND, 7, numbers(3));

    assertThat(bodies()).containsExactly("[{\"n\":0},{\"n\":1}]", "[{\"n\":2}]");
    assertThat(endpoint.requests().get(0))
        .satisfies(
            first -> {
              assertThat(first.method()).isEqualTo("POST");
              assertThat(first.key()).matches("job/query/7/[0-9a-f]{32}");
              assertThat(first.type()).isEqualTo("application/json");
              assertThat(first.kind()).isEqualTo("number");
              assertThat(first.login()).isEqualTo("Bearer word");
            });
    assertThat(receipts).containsExactly(new HttpReceipt(3, List.of()));
  }

  @Test
  void sendsLinesNoLongerThanWantedOfTheColumnsWanted() {
    body = HttpSettings.Body.LINES;
    bytes = new Size(20);
    columns = List.of("b", "a");
    method = HttpSettings.Method.PUT;
    secrets = Map.of("Authorization", Secret.of("${UNSET:-Basic x}"));
    inFlight = 1;
    Batches.run(
        sink(),
        query(),
        APPEND,
        0,
        sql("select * from values (1, 'x', 0), (2, 'yyyyyyyyyyyyyyyyyy', 0), (3, 'z', 0) t(a, b,"
                + " c)")
            .coalesce(1));

    assertThat(bodies())
        .containsExactly(
            "{\"b\":\"x\",\"a\":1}\n",
            "{\"b\":\"yyyyyyyyyyyyyyyyyy\",\"a\":2}\n",
            "{\"b\":\"z\",\"a\":3}\n");
    assertThat(endpoint.requests().get(0).method()).isEqualTo("PUT");
    assertThat(endpoint.requests().get(0).type()).isEqualTo("application/x-ndjson");
    assertThat(endpoint.requests().get(0).login()).isEqualTo("Basic x");
  }

  @Test
  void sendsSeveralRequestsAtOnceButNoMoreThanWanted() throws Exception {
    body = HttpSettings.Body.ROW;
    inFlight = 3;
    CyclicBarrier together = new CyclicBarrier(3);
    endpoint.always(
        (exchange, text) -> {
          try {
            together.await(20, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          answer(200, "ok").to(exchange, text);
        });
    Batches.run(sink(), query(), APPEND, 0, numbers(9));

    assertThat(endpoint.requests()).hasSize(9);
    assertThat(together.getNumberWaiting()).isZero();
  }

  @Test
  void sendsTheSameKeysWhenABatchComesAgainInOtherTasks() {
    body = HttpSettings.Body.ROW;
    id = List.of("n");
    Identity who = query();
    Batches.run(sink(), who, APPEND, 0, numbers(20));
    List<String> first = endpoint.requests().stream().map(Endpoint.Request::key).toList();
    Batches.run(sink(), who, APPEND, 0, numbers(20).repartition(3));
    List<String> all = endpoint.requests().stream().map(Endpoint.Request::key).toList();

    assertThat(first).doesNotHaveDuplicates().hasSize(20);
    assertThat(all.subList(20, 40)).containsExactlyInAnyOrderElementsOf(first);
    Batches.run(sink(), who, APPEND, 1, numbers(1));
    assertThat(first).doesNotContain(endpoint.requests().get(40).key());
  }

  @Test
  void triesAgainWhatMayPassWithTheSameKey() {
    endpoint.next(answer(503, "busy"), drop(), answer(500, "oops"), answer(408, ""));
    Batches.run(sink(), query(), APPEND, 0, numbers(2));

    assertThat(bodies()).hasSize(5).containsOnly("[{\"n\":0},{\"n\":1}]");
    assertThat(endpoint.requests().stream().map(Endpoint.Request::key).distinct()).hasSize(1);
  }

  @Test
  void asksAnEndpointThatIsAwayOneRequestAtATime() {
    rows = 1;
    AtomicInteger came = new AtomicInteger();
    AtomicInteger under = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    endpoint.always(
        (exchange, text) -> {
          int number = came.incrementAndGet();
          if (number > 9 && number <= 11) {
            most.accumulateAndGet(under.incrementAndGet(), Math::max);
            try {
              TimeUnit.MILLISECONDS.sleep(300);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            under.decrementAndGet();
          }
          answer(number > 11 ? 200 : 503, "").to(exchange, text);
        });
    Batches.run(sink(), query(), APPEND, 0, sql("select id n from range(0, 8, 1, 2)"));

    assertThat(most).as("requests of two tasks at once").hasValue(1);
    assertThat(bodies().stream().distinct()).hasSize(8);
  }

  @Test
  void waitsAsLongAsTheAnswerWants() {
    endpoint.next(answer(429, "slow down", "Retry-After", "1"));
    Batches.run(sink(), query(), APPEND, 0, numbers(1));

    List<Endpoint.Request> requests = endpoint.requests();
    assertThat(Duration.ofNanos(requests.get(1).at() - requests.get(0).at()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Answer.after("Thu, 01 Jan 2026 00:00:30 GMT", now)).contains(Duration.ofSeconds(30));
    assertThat(Answer.after("Wed, 31 Dec 2025 00:00:30 GMT", now)).contains(Duration.ZERO);
    assertThat(Answer.after("soon", now)).isEmpty();
  }

  @Test
  void stopsWhenItsPatienceIsOver() {
    retry = Duration.ofMillis(700);
    token = Optional.of(Secret.of("${UNSET:-word}"));
    endpoint.always(answer(503, "busy, dear word"));
    assertThatThrownBy(() -> Batches.run(sink(), query(), APPEND, 3, numbers(1)))
        .hasStackTraceContaining(
            "Cannot write batch 3 of sink sink to %s: answer 503: busy, dear ***. It was tried "
                .formatted(endpoint.url()))
        .hasStackTraceContaining("raise retry, which is 700ms");
    assertThat(endpoint.requests()).hasSizeGreaterThan(1);

    endpoint.always(answer(429, "", "Retry-After", "3600"));
    assertThatThrownBy(() -> Batches.run(sink(), query(), APPEND, 0, numbers(1)))
        .hasStackTraceContaining("answer 429. It was tried 1 times")
        .hasStackTraceContaining("and wants 1h more");
  }

  @Test
  void givesUpASlowAnswerAndOneThatDoesNotEnd() {
    timeout = Duration.ofMillis(300);
    Endpoint.Deed slow =
        (exchange, text) -> {
          pause(800);
          answer(200, "").to(exchange, text);
        };
    Endpoint.Deed endless =
        (exchange, text) -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          pause(1500);
        };
    endpoint.next(slow, endless);
    Batches.run(sink(), query(), APPEND, 0, numbers(1));

    assertThat(endpoint.requests()).hasSize(3);
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void keepsToTheRateOfAllTasksTogether() {
    rate = Optional.of(20.0);
    body = HttpSettings.Body.ROW;
    Batches.run(sink(), query(), APPEND, 0, numbers(10).repartition(2));

    long begun = endpoint.requests().stream().mapToLong(Endpoint.Request::at).min().orElseThrow();
    long ended = endpoint.requests().stream().mapToLong(Endpoint.Request::at).max().orElseThrow();
    assertThat(Duration.ofNanos(ended - begun)).isGreaterThan(Duration.ofMillis(400));
  }

  @Test
  void leavesOutTheRowsThatTheEndpointRefusesAlone() {
    endpoint.always(refusing("\"n\":13}", 422));
    Identity who = query();
    HttpSink sink = sink();
    Dataset<Row> given = numbers(40);
    List<Reject> rejects;
    try (Fence<HttpReceipt> fence = sink.start(who, LETTERS, given.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, LETTERS, 0, given));
      rejects = fence.rejects(0);
      fence.forwarded(0);
      assertThat(fence.rejects(0)).isEmpty();
    }

    assertThat(rejects)
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.rule()).isEqualTo("http_422");
              assertThat(reject.reason())
                  .isEqualTo("answer 422: bad \"n\":13} to a request with this row alone");
              assertThat(reject.row()).isEqualTo("{\"n\":13}");
            });
    String taken =
        endpoint.requests().stream()
            .map(Endpoint.Request::body)
            .filter(text -> !text.contains("\"n\":13}"))
            .reduce("", String::concat);
    for (int n = 0; n < 40; n++) {
      assertThat(taken.split("\"n\":%d}".formatted(n), -1)).hasSize(n == 13 ? 1 : 2);
    }
    assertThat(bodies()).as("halves, not row by row").hasSizeLessThan(15);
  }

  @Test
  void stopsAtARowFaultWithoutDeadLettersAndAtTooMany() {
    endpoint.always(answer(400, "no"));
    assertThatThrownBy(() -> Batches.run(sink(), query(), APPEND, 0, numbers(1)))
        .hasStackTraceContaining(
            "Cannot go on: sink sink refuses a row of batch 0: answer 400: no to a request");
    Writing few = new Writing(Mode.APPEND, Write.APPEND, RowFaults.DROP, new Limit(2, 1));
    assertThatThrownBy(() -> Batches.run(sink(), query(), few, 0, numbers(5)))
        .hasStackTraceContaining(
            "refuses 3 or more rows of batch 0, the limit of dead-letters is 2");
  }

  @Test
  void stopsAtWhatIsNeitherTheRowsNorAMatterOfTime() {
    Map.of(
            401, "Check token or secret-headers",
            403, "Let who logs in by token or secret-headers write there",
            404, "Check the path of url",
            415, "Check body: the endpoint takes another form",
            307, "It leads to http://elsewhere/x: name that address in url")
        .forEach(
            (status, cure) -> {
              endpoint.next(answer(status, "", "Location", "http://elsewhere/x?key=word"));
              assertThatThrownBy(() -> Batches.run(sink(), query(), LETTERS, 0, numbers(3)))
                  .hasStackTraceContaining(
                      "to %s: answer %d. %s".formatted(endpoint.url(), status, cure));
            });
    assertThat(endpoint.requests()).hasSize(5);
  }

  @Test
  void saysThatNobodyIsThere() {
    retry = Duration.ZERO;
    assertThatThrownBy(
            () ->
                Batches.run(sink("http://127.0.0.1:1/x?key=word"), query(), APPEND, 0, numbers(1)))
        .hasStackTraceContaining("to http://127.0.0.1:1/x: no answer: ConnectException");
  }

  @Test
  void saysWhatIsWrongWithTheSettings() {
    assertThat(sink().guarantee(APPEND)).isEqualTo(Guarantee.AT_LEAST_ONCE);
    assertThatThrownBy(() -> sink().guarantee(UPSERT))
        .hasMessage("Cannot upsert by HTTP: an endpoint only gets rows. Use write: append");
    assertThatThrownBy(() -> sink().guarantee(COMPLETE))
        .hasMessageStartingWith("Cannot write a complete");
    assertThatThrownBy(() -> sink("ftp://host/x"))
        .hasMessage("Expected a URL such as https://host/path, found ftp://host/x");
    assertThatThrownBy(() -> sink("https://a:b@host/x"))
        .hasMessage("Cannot take a login in the URL https://host/x. Use token or secret-headers");
    columns = List.of("m");
    assertThatThrownBy(() -> sink().start(query(), APPEND, numbers(1).schema()))
        .hasMessage("Unknown column m in columns. The columns are: n");
    columns = List.of();
    headers = Map.of("authorization", "x");
    assertThatThrownBy(this::sink)
        .hasMessage(
            "Cannot take a secret in headers. Use token, or secret-headers: {authorization:"
                + " \"${NAME}\"}");
    headers = Map.of("Host", "x");
    assertThatThrownBy(this::sink)
        .hasMessage("Cannot set the header Host: the toolkit sets it. Leave it out");
    headers = Map.of("X-A", "a\nX-B: b");
    assertThatThrownBy(this::sink).hasMessage("Expected one line of ASCII for the header X-A");
    headers = Map.of("X A", "a");
    assertThatThrownBy(this::sink).hasMessageStartingWith("Expected a name of letters");
    headers = Map.of();
    secrets = Map.of("Authorization", Secret.of("${X}"));
    token = Optional.of(Secret.of("${Y}"));
    assertThatThrownBy(this::sink).hasMessageStartingWith("Cannot send a token and the header");
    token = Optional.empty();
    rows = 0;
    assertThatThrownBy(this::sink).hasMessage("Expected rows of 1 or more, found 0");
    rows = 1;
    rate = Optional.of(0.0);
    assertThatThrownBy(this::sink)
        .hasMessageStartingWith("Expected requests-per-second from 0.001");
  }
}
