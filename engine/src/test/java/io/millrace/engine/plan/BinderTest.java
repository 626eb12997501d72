package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spec.Finding;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.TextFault;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BinderTest {
  private static final Position AT = new Position("job.yaml", 7, 5);

  enum Start {
    EARLIEST,
    LATEST_OFFSET
  }

  record All(
      @Doc("Some text") String text,
      @Doc("Rows per batch") int maxPerBatch,
      @Doc("A long") long count,
      @Doc("A share") double share,
      @Doc("A flag") boolean enabled,
      @Doc("A time") Duration within,
      @Doc("A size") Size chunk,
      @Doc("A secret") Secret password,
      @Doc("Where to start") Start start,
      @Doc("More") Inner inner,
      @Doc("Names") List<String> names,
      @Doc("Pairs") Map<String, Integer> pairs,
      @Doc("Perhaps") Optional<Duration> idle,
      @Doc("Stages") List<Stage> pipeline) {}

  record Inner(@Doc("A word") String else_) {}

  sealed interface Stage {
    record StringIndexer(@Doc("Column") String input, @Default("2") int times) implements Stage {}

    record Done() implements Stage {}
  }

  record Defaults(
      @Default("30s") Duration delay,
      @Default("latest-offset") Start start,
      @Default("64MB") Size chunk,
      @Default("8") int size,
      @Default("true") boolean on,
      @Default("0.5") double share,
      @Default("done") Stage stage,
      @Default("hello") Query query,
      @Default("5") Optional<Integer> most,
      Optional<String> none,
      List<String> list,
      Map<String, String> map) {}

  record Query(@Shorthand @Doc("The query") String query, @Default("1") int tries) {}

  record Topics(@Shorthand @Doc("The topics") List<String> topics) {}

  record Range(int from, int to) {
    Range {
      if (from > to) {
        throw new IllegalArgumentException("Expected from <= to, found " + from + " and " + to);
      }
      if (from == 13) {
        throw new DateTimeException("13 is no month");
      }
      if (from == 14) {
        throw new IllegalArgumentException();
      }
    }
  }

  record Ranges(List<Range> ranges, Duration every) {}

  @Test
  void bindsEveryType() {
    All all =
        good(
            All.class,
            """
            text: hello
            max-per-batch: 200000
            count: 9999999999
            share: 0.25
            enabled: true
            within: 10m
            chunk: 64MB
            password: ${file:/run/secrets/db}
            start: latest-offset
            inner: {else: drop}
            names: [a, b]
            pairs: {x: 1, y: 2}
            idle: 500ms
            pipeline:
              - string-indexer: {input: device}
              - done:
              - done
            """);
    assertThat(all)
        .isEqualTo(
            new All(
                "hello",
                200_000,
                9_999_999_999L,
                0.25,
                true,
                Duration.ofMinutes(10),
                new Size(64L << 20),
                Secret.of("${file:/run/secrets/db}"),
                Start.LATEST_OFFSET,
                new Inner("drop"),
                List.of("a", "b"),
                Map.of("x", 1, "y", 2),
                Optional.of(Duration.ofMillis(500)),
                List.of(new Stage.StringIndexer("device", 2), new Stage.Done(), new Stage.Done())));
    assertThat(all.toString()).contains("password=***").doesNotContain("secrets");
  }

  @Test
  void takesDefaultsForWhatIsLeftOut() {
    Defaults expected =
        new Defaults(
            Duration.ofSeconds(30),
            Start.LATEST_OFFSET,
            new Size(64L << 20),
            8,
            true,
            0.5,
            new Stage.Done(),
            new Query("hello", 1),
            Optional.of(5),
            Optional.empty(),
            List.of(),
            Map.of());
    assertThat(good(Defaults.class, "{}")).isEqualTo(expected);
    assertThat(good(Defaults.class, "~")).isEqualTo(expected);
  }

  @Test
  void takesAShorthandInPlaceOfTheMap() {
    assertThat(good(Query.class, "select 1")).isEqualTo(new Query("select 1", 1));
    assertThat(good(Query.class, "{query: select 1, tries: 3}"))
        .isEqualTo(new Query("select 1", 3));
    assertThat(good(Topics.class, "[a, b]")).isEqualTo(new Topics(List.of("a", "b")));
    assertThat(findings(Query.class, "[a]"))
        .containsExactly("job.yaml:1:1  sinks.a.test: Expected text, found a list");
    assertThat(findings(Topics.class, "a"))
        .containsExactly("job.yaml:1:1  sinks.a.test: Expected a list, found 'a'. Write [a]");
  }

  @Test
  void keepsTheOrderOfMaps() {
    record Wide(Map<String, String> columns) {}
    assertThat(good(Wide.class, "columns: {z: 1, b: 2, a: 3, k: 4}").columns().keySet())
        .containsExactly("z", "b", "a", "k");
  }

  @Test
  void readsDurationsAndSizesInAllUnits() {
    record Times(List<Duration> times, List<Size> sizes) {}
    Times times =
        good(Times.class, "{times: [1ms, 2s, 3m, 4h, 5d, 0s], sizes: [7B, 1KB, 2MB, 3GB, 1TB]}");
    assertThat(times.times())
        .containsExactly(
            Duration.ofMillis(1),
            Duration.ofSeconds(2),
            Duration.ofMinutes(3),
            Duration.ofHours(4),
            Duration.ofDays(5),
            Duration.ZERO);
    assertThat(times.sizes())
        .extracting(Size::bytes)
        .containsExactly(7L, 1024L, 2L << 20, 3L << 30, 1L << 40);
  }

  @Test
  void readsNumbersAsYamlDoes() {
    record Numbers(List<Integer> whole, List<Double> decimal) {}
    Numbers numbers =
        good(Numbers.class, "{whole: [010, 0x1F, 0o17, -3, \"4\"], decimal: [1, .5, 1e3, -2.5]}");
    assertThat(numbers.whole()).containsExactly(10, 31, 15, -3, 4);
    assertThat(numbers.decimal()).containsExactly(1.0, 0.5, 1000.0, -2.5);
  }

  @Test
  void tellsAllMistakesAtOnce() {
    assertThat(
            findings(
                All.class,
                """
                max-per-batch: many
                count: 99999999999999999999
                share: .inf
                enabled: yes
                within: soon
                chunk: 64 megabytes
                password: hunter2
                start: latest
                inner: {els: drop}
                names: a
                pairs: {x: one}
                idle:
                pipeline:
                  - string-indexr: {}
                  - {string-indexer: {}, done: {}}
                  - {}
                maxPerBatch: 5
                """))
        .containsExactly(
            "job.yaml:1:16  sinks.a.test.max-per-batch: Expected a whole number, found 'many'",
            "job.yaml:2:8  sinks.a.test.count: Expected a whole number from -9223372036854775808"
                + " to 9223372036854775807, found '99999999999999999999'",
            "job.yaml:3:8  sinks.a.test.share: Expected a number, found '.inf'",
            "job.yaml:4:10  sinks.a.test.enabled: Expected true or false, found 'yes'",
            "job.yaml:5:9  sinks.a.test.within: Expected a duration such as 30s, found 'soon'",
            "job.yaml:6:8  sinks.a.test.chunk: Expected a size such as 64MB, found '64 megabytes'",
            "job.yaml:7:5  sinks.a.test: Missing setting 'text'. Some text",
            "job.yaml:7:11  sinks.a.test.password: Needs a reference, not the secret itself."
                + " Write ${NAME} or ${file:/run/secrets/name}",
            "job.yaml:8:8  sinks.a.test.start: Expected one of earliest, latest-offset, found"
                + " 'latest'",
            "job.yaml:9:1  sinks.a.test.inner: Missing setting 'else'. A word",
            "job.yaml:9:9  sinks.a.test.inner: Unknown setting 'els'. Known are else. Did you mean"
                + " 'else'?",
            "job.yaml:10:8  sinks.a.test.names: Expected a list, found 'a'. Write [a]",
            "job.yaml:11:12  sinks.a.test.pairs.x: Expected a whole number, found 'one'",
            "job.yaml:12:6  sinks.a.test.idle: Expected a duration such as 30s, found nothing",
            "job.yaml:14:5  sinks.a.test.pipeline[0]: Unknown 'string-indexr'. Expected one of"
                + " string-indexer, done. Did you mean 'string-indexer'?",
            "job.yaml:15:5  sinks.a.test.pipeline[1]: Expected exactly one of string-indexer,"
                + " done, found string-indexer, done",
            "job.yaml:16:5  sinks.a.test.pipeline[2]: Expected exactly one of string-indexer,"
                + " done, found none",
            "job.yaml:17:1  sinks.a.test: Unknown setting 'maxPerBatch'. Known are chunk, count,"
                + " enabled, idle, inner, max-per-batch, names, pairs, password, pipeline, share,"
                + " start, text, within. Did you mean 'max-per-batch'?");
  }

  @Test
  void refusesWhatIsNoMap() {
    assertThat(findings(Range.class, "5"))
        .containsExactly(
            "job.yaml:1:1  sinks.a.test: Expected a map of settings such as {from: …, to: …},"
                + " found '5'");
    assertThat(findings(Range.class, "[5]"))
        .containsExactly(
            "job.yaml:1:1  sinks.a.test: Expected a map of settings such as {from: …, to: …},"
                + " found a list");
    assertThat(findings(Stage.Done.class, "{a: 1}"))
        .containsExactly(
            "job.yaml:1:2  sinks.a.test: Unknown setting 'a'. There are no settings here");
  }

  @Test
  void tellsTheRulesOfARecordWhereItStands() {
    assertThat(
            findings(
                Ranges.class,
                """
                ranges:
                  - {from: 2, to: 1}
                  - {from: 13, to: 20}
                  - {from: 14, to: 20}
                  - {from: 1, to: 3000000000}
                every: 99999999999999999d
                """))
        .containsExactly(
            "job.yaml:2:5  sinks.a.test.ranges[0]: Expected from <= to, found 2 and 1",
            "job.yaml:3:5  sinks.a.test.ranges[1]: Cannot use these settings: 13 is no month",
            "job.yaml:4:5  sinks.a.test.ranges[2]: Cannot use these settings:"
                + " java.lang.IllegalArgumentException",
            "job.yaml:5:19  sinks.a.test.ranges[3].to: Expected a whole number from -2147483648 to"
                + " 2147483647, found '3000000000'",
            "job.yaml:6:8  sinks.a.test.every: Expected a shorter duration, such as 30s, found"
                + " '99999999999999999d'");
  }

  @Test
  void namesTheVariableThatAValueCameFromAndNeverShowsAFile() {
    Tree tree =
        Trees.of(
            "{from: \"${PORT}\", to: \"${file:/run/secrets/db}\"}",
            Map.of("PORT", "http", "file:/run/secrets/db", "hunter2"));
    Findings findings = new Findings();
    assertThat(Binder.settings(Range.class, tree, "x", AT, findings)).isEmpty();
    assertThat(findings.list())
        .extracting(Finding::sentence)
        .containsExactly(
            "Expected a whole number, found 'http' from ${PORT}",
            "Expected a whole number, found ${file:/run/secrets/db}");
  }

  @Test
  void bindsASecretFromTheReferenceAndNotFromItsValue() {
    record Login(Secret password) {}
    Tree tree = Trees.of("password: \"${PASSWORD}\"", Map.of("PASSWORD", "hunter2"));
    Findings findings = new Findings();
    assertThat(Binder.settings(Login.class, tree, "x", AT, findings))
        .contains(new Login(Secret.of("${PASSWORD}")));
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void putsATextFaultAtItsLineAndColumn() {
    assertThat(bind(faulty(2, 3), "query: |\n  select 1\n  form x\n"))
        .containsExactly("job.yaml:3:5  sinks.a.test.query: Cannot read 'form'");
    assertThat(bind(faulty(1, 10), "select 1 form x"))
        .containsExactly("job.yaml:1:10  sinks.a.test: Cannot read 'form'");
    assertThat(bind(faulty(1, 2), "{tries: 3, query: \"abc\"}"))
        .containsExactly("job.yaml:1:21  sinks.a.test.query: Cannot read 'form'");
  }

  private static Kind<Query, String> faulty(int line, int column) {
    return kind(
        Query.class,
        query -> {
          throw new TextFault("query", line, column, "Cannot read 'form'");
        });
  }

  @Test
  void findsTheTextOfAFaultInsideListsAndMaps() {
    Kind<Ranges, String> kind =
        kind(
            Ranges.class,
            ranges -> {
              throw new TextFault("ranges.1.to", 1, 2, "Cannot read this");
            });
    assertThat(bind(kind, "{ranges: [{from: 1, to: 2}, {from: 1, to: 20}], every: 1s}"))
        .containsExactly("job.yaml:1:44  sinks.a.test.ranges.1.to: Cannot read this");
  }

  @Test
  void tellsWhyAComponentCannotBeMade() {
    Kind<Query, String> kind =
        kind(
            Query.class,
            query -> {
              throw new IllegalArgumentException("Needs a table");
            });
    assertThat(bind(kind, "select 1")).containsExactly("job.yaml:7:5  sinks.a.test: Needs a table");
  }

  @Test
  void namesASettingOfTheFileItselfByItsKeyAlone() {
    Findings findings = new Findings();
    assertThat(Binder.settings(Range.class, Trees.of("{from: a, to: 1}"), "", AT, findings))
        .isEmpty();
    assertThat(findings.list())
        .extracting(Finding::toString)
        .containsExactly("job.yaml:1:8  from: Expected a whole number, found 'a'");
  }

  @Test
  void makesTheComponentOfAKind() {
    Findings findings = new Findings();
    Kind<Query, String> kind = kind(Query.class, query -> query.query() + query.tries());
    assertThat(Binder.bind(kind, Trees.of("a"), "x", AT, findings)).contains("a1");
    assertThat(findings.isEmpty()).isTrue();
  }

  @Test
  void blamesTheKindForADefaultThatDoesNotFit() {
    record Odd(@Default("soon") Duration delay) {}
    assertThatThrownBy(() -> good(Odd.class, "{}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("delay: Expected a duration such as 30s, found 'soon'");
  }

  @Test
  void blamesTheKindForATypeThatNoSettingCanHave() {
    record Odd(Thread thread) {}
    assertThatThrownBy(() -> good(Odd.class, "{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot be the type of a setting: java.lang.Thread");
  }

  @Test
  void readsEnumsOfTheLanguage() {
    record How(Mode mode) {}
    assertThat(good(How.class, "mode: complete")).isEqualTo(new How(Mode.COMPLETE));
    assertThat(findings(How.class, "mode: apend"))
        .containsExactly(
            "job.yaml:1:7  sinks.a.test.mode: Expected one of append, update, complete, found"
                + " 'apend'. Did you mean 'append'?");
  }

  private static <S extends Record> Kind<S, String> kind(
      Class<S> settings, Function<S, String> create) {
    return new Kind<>("test", "A test", settings, create);
  }

  private static <S extends Record> S good(Class<S> type, String yaml) {
    Findings findings = new Findings();
    Optional<S> bound = Binder.settings(type, Trees.of(yaml), "sinks.a.test", AT, findings);
    assertThat(findings.list()).isEmpty();
    return bound.orElseThrow();
  }

  private static <S extends Record> List<String> findings(Class<S> type, String yaml) {
    Findings findings = new Findings();
    assertThat(Binder.settings(type, Trees.of(yaml), "sinks.a.test", AT, findings)).isEmpty();
    return findings.list().stream().map(Finding::toString).toList();
  }

  private static List<String> bind(Kind<?, String> kind, String yaml) {
    Findings findings = new Findings();
    assertThat(Binder.bind(kind, Trees.of(yaml), "sinks.a.test", AT, findings)).isEmpty();
    return findings.list().stream().map(Finding::toString).toList();
  }
}
