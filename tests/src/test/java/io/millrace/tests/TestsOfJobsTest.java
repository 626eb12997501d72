package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.TestSpec;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Exit;
import io.millrace.jobs.JobFiles;
import io.millrace.jobs.trial.Trial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tests that job files hold: those of the examples, and what one says that does not hold. */
class TestsOfJobsTest {
  private static final Path EXAMPLES = Jobs.folder("conf/examples");
  private static final Path JOBS = Jobs.folder("conf/jobs");
  private static final String JOB =
      """
      job: tested
      checkpoint: /nowhere
      sources:
        - name: orders
          kafka: {servers: "h:1", topics: [orders]}
          decode: {json: "id string not null, item string, price double, at timestamp"}
          watermark: {time: at, delay: 1m}
        - name: raw
          kafka: {servers: "h:1", topics: [raw]}
      steps:
        - name: per_item
          from: orders
          sql: {query: "select item, count(1) as n from orders group by item", unbounded: true}
        - name: keys
          from: raw
          sql: select cast(key as string) as k, cast(value as string) as v from raw
      dead-letters: drop
      sinks:
        - name: items
          from: per_item
          jdbc: {url: "jdbc:postgresql://h/db", table: items, keys: [item]}
          mode: update
          write: upsert
          trigger: 1s
        - name: merged
          from: orders
          jdbc: {url: "jdbc:postgresql://h/db", table: merged, keys: [id], order-by: [at], delete-when: price < 0}
          write: merge
          trigger: 1s
      tests:
        - name: here
          given: [GIVEN]
          expect: {EXPECT}
      """;

  private static final Trial TRIAL = new Trial(Sessions.spark(), Catalog.load());

  private static List<String> run(String given, String expect) throws IOException {
    Path file = Folders.temporary("tested").resolve("job.yaml");
    Files.writeString(file, JOB.replace("GIVEN", given).replace("EXPECT", expect));
    return run(file).get(0);
  }

  /** How each test of a file differs from what it expects. */
  static List<List<String>> run(Path file) {
    JobFiles.Planned job = planned(file);
    return job.job().tests().stream().map(test -> run(job, test)).toList();
  }

  private static JobFiles.Planned planned(Path file) {
    return new JobFiles(Catalog.load(), Variables.of(Map.of())).tested(file);
  }

  private static List<String> run(JobFiles.Planned job, TestSpec test) {
    return TRIAL.run(job.job(), job.plan(), test, Folders.temporary("trial"));
  }

  @TestFactory
  Stream<DynamicTest> thoseOfTheExamplesHold() throws IOException {
    List<Path> files;
    try (Stream<Path> examples = Files.list(EXAMPLES);
        Stream<Path> jobs = Files.list(JOBS)) {
      files = Stream.concat(examples, jobs).filter(TestsOfJobsTest::holdsTests).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(10);
    return files.stream()
        .flatMap(
            file -> {
              JobFiles.Planned job = planned(file);
              return job.job().tests().stream()
                  .map(
                      test ->
                          DynamicTest.dynamicTest(
                              file.getFileName() + ": " + test.name(),
                              () -> assertThat(run(job, test)).isEmpty()));
            });
  }

  /** What the tests of a job do without is checked as well. */
  @TestFactory
  Stream<DynamicTest> theJobsThatHoldThemAreSound() throws IOException {
    List<Path> files;
    try (Stream<Path> jobs = Files.list(JOBS)) {
      files = jobs.filter(TestsOfJobsTest::holdsTests).sorted().toList();
    }
    Map<String, String> variables =
        Map.of(
            "DB",
            "jdbc:postgresql://h/db",
            "KAFKA",
            "h:1",
            "LAKE",
            "/lake",
            "REGISTRY",
            "http://h");
    JobFiles sound = new JobFiles(Catalog.load(), Variables.of(variables));
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    String.valueOf(file.getFileName()),
                    () ->
                        assertThat(
                                sound.plan(Jobs.withSecret(file), Analyzer.Run.STREAM).plan().job())
                            .isNotEmpty()));
  }

  private static boolean holdsTests(Path file) {
    try {
      return file.toString().endsWith(".yaml")
          && Files.readString(file).lines().anyMatch(line -> line.startsWith("tests:"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{orders: [{id: a, item: lamp}, {id: b, item: lamp}]}, {orders: [{id: c, item: lamp}]}"
            + " ~ items: [{item: lamp, n: 3}]",
        "{orders: [{id: a, item: lamp}]}, {orders: [{id: c, item: lamp}]}"
            + " ~ per_item: [{item: lamp, n: 1}, {item: lamp, n: 2}]",
        "{orders: [{item: lamp}, 'no json', {id: a}]}"
            + " ~ dead-letters: [{rule: not_null}, {rule: decode}], items: [{item: null}]",
        "{raw: [{key: k, value: a text}]} ~ keys: [{k: k, v: a text}]",
        "{orders: []} ~ items: []"
      })
  void holds(String given, String expect) throws IOException {
    assertThat(run(given, expect)).isEmpty();
  }

  /** A Delta table tells its columns when it is opened, which a test does not. */
  @Test
  void aTableHasTheColumnsThatATestGives() throws IOException {
    String job =
        JOB.replace(
                "steps:\n", "  - {name: items, delta: {path: /lake/items}, static: true}\nsteps:\n")
            .replace(
                "dead-letters: drop",
                "  - {name: named, from: orders, lookup: {table: items, on: [item]}}\n"
                    + "dead-letters: drop");
    Path file = Folders.temporary("tested").resolve("job.yaml");
    for (String[] each :
        new String[][] {
          {"{orders: [{id: a, item: lamp}]}", "named: [{id: a, item: lamp}]"},
          {
            "{items: [{item: lamp, size: 3}, {item: desk, size: 3.5, big: true}], orders: [{id: a,"
                + " item: lamp}, {id: b, item: desk}]}",
            "named: [{id: a, size: 3.0, big: null}, {id: b, size: 3.5, big: true}]"
          }
        }) {
      Files.writeString(file, job.replace("GIVEN", each[0]).replace("EXPECT", each[1]));
      assertThat(run(file).get(0)).as(each[0]).isEmpty();
    }
  }

  @Test
  void variablesOfSourcesAndSinksNeedNotBeSet() throws IOException {
    String job =
        """
        job: unset
        checkpoint: ${NOWHERE}/unset
        sources:
          - name: orders
            kafka:
              servers: "${KAFKA}"
              topics: ["${TOPIC}"]
              max-per-batch: "${MOST}"
              fail-on-data-loss: "${LOSS}"
              security: {mechanism: "${HOW}", user: app, password: "${file:/run/secrets/nobody}"}
            decode:
              avro:
                registry: {url: "${REGISTRY}"}
                schema: '{"type": "record", "name": "O", "fields": [{"name": "id", "type": "string"}]}'
          - name: lines
            socket: {host: "${HOST}", port: "${PORT}"}
        steps:
          - name: more
            from: lines
            sql: select value as id from lines
          - name: all
            union: [orders, more]
        dead-letters:
          jdbc: {url: "${DB}", table: "${LETTERS}", password: "${file:/run/secrets/nobody}"}
        sinks:
          - name: out
            from: all
            jdbc: {url: "${DB}", table: t, keys: [id], password: "${file:/run/secrets/nobody}"}
            write: upsert
            trigger: 1s
        tests:
          - name: the last one of a key
            given: [{orders: [{id: a}]}, {lines: [{value: a}, {value: b}]}]
            expect: {out: [{id: a}, {id: b}]}
        """;
    Path file = Files.writeString(Folders.temporary("unset").resolve("job.yaml"), job);
    assertThat(run(file).get(0)).isEmpty();
  }

  @Test
  void whatATestUsesNeedsItsVariables() throws IOException {
    String job =
        JOB.replace("GIVEN", "{orders: []}")
            .replace("EXPECT", "items: []")
            .replace("group by item", "where item > '${LEAST}' group by item")
            .replace("delay: 1m", "delay: \"${DELAY}\"")
            .replace("id string not null", "id ${TYPE} not null")
            .replace("trigger: 1s", "trigger: \"${OFTEN}\"")
            .replace("\"h:1\", topics: [raw]", "\"${}\", topics: [raw]");
    Path file = Files.writeString(Folders.temporary("unset").resolve("job.yaml"), job);

    assertThatThrownBy(() -> run(file))
        .isInstanceOfSatisfying(
            InvalidJobException.class,
            wrong ->
                assertThat(wrong.findings())
                    .extracting(finding -> finding.path() + ": " + finding.sentence())
                    .filteredOn(line -> line.contains("variable"))
                    .containsExactly(
                        "sources.orders.decode.json: Missing variable TYPE. Set it, or write"
                            + " ${TYPE:-default}",
                        "sources.orders.watermark.delay: Missing variable DELAY. Set it, or write"
                            + " ${DELAY:-default}",
                        "sources.raw.kafka.servers: Cannot understand the variable '${}'. Write"
                            + " ${NAME}, ${NAME:-default} or ${file:/run/secrets/name}, or $${ for"
                            + " a plain ${",
                        "steps.per_item.sql.query: Missing variable LEAST. Set it, or write"
                            + " ${LEAST:-default}",
                        "sinks.items.trigger: Missing variable OFTEN. Set it, or write"
                            + " ${OFTEN:-default}",
                        "sinks.merged.trigger: Missing variable OFTEN. Set it, or write"
                            + " ${OFTEN:-default}"));
  }

  /** An anchor that a source and a step share is used. */
  @Test
  void aSharedVariableIsNeededWhereOnePlaceUsesIt() throws IOException {
    String job =
        JOB.replace("GIVEN", "{orders: []}")
            .replace("EXPECT", "items: []")
            .replace("topics: [raw]", "topics: [&name \"${NAME}\"]")
            .replace(
                "select cast(key as string) as k, cast(value as string) as v from raw", "*name");
    Path file = Files.writeString(Folders.temporary("unset").resolve("job.yaml"), job);

    assertThatThrownBy(() -> run(file))
        .hasMessageContaining("Missing variable NAME. Set it, or write ${NAME:-default}");
  }

  @Test
  void aDifferenceIsALineForEachRow() throws IOException {
    assertThat(
            run(
                "{orders: [{id: a, item: lamp}, {id: b, item: desk}]}",
                "items: [{item: lamp, n: 2}, {item: desk}, {item: sofa, n: 1}]"))
        .containsExactlyInAnyOrder(
            "items  missing   {\"item\":\"lamp\",\"n\":2}",
            "items  missing   {\"item\":\"sofa\",\"n\":1}",
            "items  too much  {\"item\":\"lamp\",\"n\":1}");
    assertThat(run("{orders: []}", "items: [{item: lamp}], dead-letters: []"))
        .containsExactly("items  missing   {\"item\":\"lamp\"}");
  }

  @Test
  void rowsThatAreNoneOfTheirSourceOrTargetAreRefused() {
    assertThatThrownBy(() -> run("{raw: [{kye: k}]}", "keys: []"))
        .isInstanceOf(InvalidJobException.class)
        .hasMessageContaining("Unknown column 'kye'. There are [key, value");
    assertThatThrownBy(() -> run("{raw: [word]}", "keys: []"))
        .hasMessageContaining("Expected a map of columns, found a value");
    assertThatThrownBy(() -> run("{orders: [{id: a, item: x}]}", "items: [{itme: x}]"))
        .hasMessageContaining("Unknown column 'itme'. There are [item, n]");
    assertThatThrownBy(() -> run("{orders: [{id: a, item: x}]}", "items: [{n: many}]"))
        .hasMessageContaining("Cannot take this as a row of item STRING,n BIGINT");
    assertThatThrownBy(() -> run("{orders: []}", "merged: []"))
        .hasMessageContaining(
            "Cannot tell what a sink has with write: merge: it is not supported yet. Expect rows of"
                + " what it reads: orders");
  }

  @Test
  void theCommandTellsWhatHoldsAndWhatDoesNot() throws IOException, InterruptedException {
    Path folder = Folders.temporary("command");
    String window = Files.readString(EXAMPLES.resolve("window.yaml"));
    Path file =
        Files.writeString(folder.resolve("job.yaml"), window.replace("spent: 42", "spent: 7"));
    Path log = folder.resolve("log.txt");
    Path logs = Jobs.folder("conf").resolve("log4j2.properties");

    Process command =
        new ProcessBuilder(Jobs.command(logs, List.of(), "test", file.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    assertThat(command.waitFor()).as(Files.readString(log)).isEqualTo(Exit.UNEQUAL);
    assertThat(Files.readString(log).replaceAll("\\([0-9.]+ s\\)", "(TIME)"))
        .contains(
            file
                + """

                  holds (TIME)  a minute is told once it is closed, and what comes behind it changes nothing
                  holds (TIME)  an order counts in each of its windows that is not closed yet
                  DOES NOT HOLD  two minutes without an order end a visit  %s:72:11
                    sessions  missing   {"window_start":"2026-01-01 10:00:00","window_end":"2026-01-01 10:03:30","orders":2,"spent":7.0}
                    sessions  too much  {"window_start":"2026-01-01 10:00:00","window_end":"2026-01-01 10:03:30","orders":2,"spent":42.0}
                2 held, 1 did not
                """
                    .formatted(file));
  }
}
