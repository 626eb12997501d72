package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.PlanText;
import io.millrace.jobs.JobFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan says of the order of the rows of one key; nothing runs. */
class KeyOrderTest {
  private static final String SOURCES =
      """
      job: ordered
      checkpoint: /tmp/ordered
      dead-letters: drop
      sources:
        - name: orders
          kafka: {servers: "localhost:9092", topics: [orders]}
          decode: {json: "id string not null, customer string, price double, version int, at timestamp"}
          watermark: {time: at, delay: 1m}
        - name: split
          kafka: {servers: "localhost:9092", topics: [orders], min-partitions: 8}
          decode: {json: "id string not null, version int"}
        - name: lines
          files: {path: "/tmp/lines", format: json, schema: "id string, version int"}
        - name: customers
          files: {path: "/tmp/customers", format: json, schema: "customer string, country string"}
          static: {}
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  /** What is said of a sink that has {@code kind} and reads {@code from}. */
  private String said(String steps, String sink) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            SOURCES + steps + "sinks:\n  - {name: out, trigger: available-now, " + sink + "}\n");
    JobFiles.Planned planned = new JobFiles().plan(file, Analyzer.Run.STREAM);
    return PlanText.of(planned.job(), planned.plan())
        .lines()
        .filter(line -> line.contains("order of a key: "))
        .map(line -> line.strip().replace("order of a key: ", ""))
        .reduce((one, other) -> one + "\n" + other)
        .orElseThrow();
  }

  private String through(String step) throws IOException {
    return said("steps:\n" + step.indent(2), "from: done, " + KAFKA + ", delivery: exactly-once");
  }

  private static final String KAFKA = "kafka: {servers: \"localhost:9092\", topic: out, key: id}";

  private static String jdbc(String more) {
    return "jdbc: {url: \"jdbc:postgresql://localhost/x\", table: t" + more + "}";
  }

  @Test
  void staysWhereRowsGoOneByOneThroughOneTask() throws IOException {
    assertThat(
            through(
                "- {name: done, sql: \"select id, price * 2 as twice from orders where price > 0\"}"))
        .isEqualTo("kept");
    assertThat(
            through(
                "- {name: done, from: orders, validate: [{rule: priced, that: price > 0, else: drop}]}"))
        .isEqualTo("kept");
    assertThat(said("", "from: orders, when: price > 1, " + KAFKA))
        .isEqualTo("kept, but a batch that comes again repeats its rows");
    assertThat(said("", "from: orders, write: upsert, " + jdbc(", keys: [id]"))).isEqualTo("kept");
    assertThat(said("", "from: orders, console: {}")).startsWith("kept");
  }

  @Test
  void isLostInStepsThatMoveRows() throws IOException {
    assertThat(through("- {name: done, from: orders, dedupe: {keys: [id], within: 1h}}"))
        .isEqualTo("not kept. step done: it brings rows together by its keys");
    assertThat(
            through(
                "- {name: done, from: orders, window: {time: at, every: 1m, by: [id], aggregate: {n: count(1)}}}"))
        .isEqualTo(
            "not kept. step done: it gives results of its own, when windows change or close");
    assertThat(through("- {name: done, from: orders, lookup: {table: customers, on: [customer]}}"))
        .isEqualTo(
            "not kept. step done: it shuffles rows where its table is too large to be broadcast");
    for (String query :
        new String[] {
          "select /*+ repartition(3) */ id from orders",
          "select orders.id, country from orders join customers using (customer)",
          "select id from orders where customer in (select customer from customers)",
          "select distinct id, at from orders"
        }) {
      assertThat(through("- {name: done, sql: \"%s\"}".formatted(query)))
          .as(query)
          .isEqualTo(
              "not kept. step done: its query does more than pick, compute and filter row by row");
    }
  }

  @Test
  void isLostWhereRowsOfAPartitionTakeTwoWays() throws IOException {
    String dear = "- {name: dear, sql: \"select id, version from orders where price > 9\"}\n";
    String cheap = "- {name: cheap, sql: \"select id, version from orders where price < 9\"}\n";
    assertThat(through(dear + cheap + "- {name: done, union: [dear, cheap]}"))
        .isEqualTo("not kept. step done: rows of orders come to it on two ways");
    String others = "- {name: others, sql: \"select id, version from split\"}\n";
    assertThat(through(dear + others + "- {name: done, union: [dear, others]}"))
        .isEqualTo(
            "not kept. source split: with min-partitions several tasks may read one partition of a"
                + " topic");
  }

  @Test
  void isLostInSourcesAndSinksThatHaveNone() throws IOException {
    assertThat(said("", "from: lines, " + KAFKA))
        .isEqualTo("not kept. source lines: it hands out rows in any order");
    assertThat(said("", "from: orders, kafka: {servers: \"localhost:9092\", topic: out}"))
        .isEqualTo("not kept. sink out: records without a key go to any partition");
    assertThat(
            said(
                "",
                "from: orders, kafka: {servers: \"localhost:9092\", topic: out, key: id, partition: version}"))
        .isEqualTo(
            "not kept. sink out: records of a key go to the partitions that the column version names");
    assertThat(said("", "from: orders, http: {url: \"http://localhost/x\"}"))
        .isEqualTo(
            "not kept. sink out: 4 requests of a task may overtake each other; with in-flight: 1"
                + " they cannot");
    assertThat(said("", "from: orders, http: {url: \"http://localhost/x\", in-flight: 1}"))
        .startsWith("kept, but");
    assertThat(said("", "from: orders, " + jdbc("")))
        .isEqualTo(
            "not kept. sink out: a table has no order; with write: upsert the last row of a key"
                + " wins");
    assertThat(said("", "from: lines, files: {path: \"/tmp/out\", format: json}"))
        .isEqualTo(
            "not kept. source lines: it hands out rows in any order. sink out: it may write the rows"
                + " of a batch in any order");
  }

  @Test
  void doesNotMatterWhereColumnsTellWhichRowIsNewer() throws IOException {
    String said = "newest by version, in whichever order rows come";
    assertThat(said("", "from: lines, write: upsert, " + jdbc(", keys: [id], order-by: [version]")))
        .isEqualTo(said);
    assertThat(
            said(
                "",
                "from: split, write: upsert, delta: {path: /tmp/d, keys: [id], order-by: [version]}"))
        .isEqualTo(said);
    assertThat(
            said(
                "",
                "from: orders, write: upsert, redis: {url: \"redis://localhost\", keys: [id], order-by: [version]}"))
        .isEqualTo(
            "not kept. sink out: order-by tells the newest row of a key within a batch; of two"
                + " batches the later one counts");
  }
}
