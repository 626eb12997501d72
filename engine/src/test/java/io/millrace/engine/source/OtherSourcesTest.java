package io.millrace.engine.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherSourcesTest {
  private final SparkSession spark = Sessions.spark();
  @TempDir private Path folder = Path.of("");

  private static DeltaSource delta(Path table, Optional<Long> start, Optional<Long> version) {
    return delta(table, start, version, Optional.empty());
  }

  private static DeltaSource delta(
      Path table, Optional<Long> start, Optional<Long> version, Optional<String> schema) {
    return new DeltaSource(
        new DeltaSource.Settings(
            Optional.of(table.toString()),
            Optional.empty(),
            start,
            Optional.empty(),
            version,
            Optional.empty(),
            Optional.of(1),
            Optional.empty(),
            false,
            false,
            false,
            schema));
  }

  private static DeltaSource.Settings changes(
      Path table, Optional<Long> start, Optional<Long> version, boolean skip, String schema) {
    return new DeltaSource.Settings(
        Optional.of(table.toString()),
        Optional.empty(),
        start,
        Optional.empty(),
        version,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        skip,
        true,
        Optional.of(schema).filter(text -> !text.isEmpty()));
  }

  @Test
  void readsTheChangesOfADeltaTable() {
    Path table = folder.resolve("changes");
    Path checkpoint = folder.resolve("checkpoint");
    String name = "delta.`" + table + "`";
    spark
        .sql("select 1 as id, 'a' as v union all select 2, 'b'")
        .write()
        .format("delta")
        .save(table.toString());
    DeltaSource source =
        new DeltaSource(
            changes(table, Optional.empty(), Optional.empty(), false, "id int, v string"));
    assertThatThrownBy(() -> source.open(spark))
        .hasMessageEndingWith(
            "it does not record them. Run alter table "
                + name
                + " set tblproperties (delta.enableChangeDataFeed = true)");
    spark.sql("alter table " + name + " set tblproperties (delta.enableChangeDataFeed = true)");

    assertThat(source.schema()).contains(source.open(spark).schema());
    assertThat(told(source, checkpoint)).containsExactly("1 a insert 3", "2 b insert 3");
    spark.sql("update " + name + " set v = 'c' where id = 1");
    spark.sql("delete from " + name + " where id = 2");
    spark.sql("insert overwrite " + name + " values (1, 'd')");
    assertThat(told(source, checkpoint))
        .as("of one version, what is deleted comes first")
        .containsExactly("1 c update 5", "2 b delete 6", "1 c delete 8", "1 d insert 9");

    DeltaSource late =
        new DeltaSource(changes(table, Optional.of(3L), Optional.empty(), false, ""));
    assertThat(told(late, folder.resolve("late")))
        .containsExactly("2 b delete 6", "1 c delete 8", "1 d insert 9");
    assertThat(texts(source.read(spark).collectAsList())).containsExactly("1 d insert 9");
    assertThat(texts(source.read(spark, version(source, 1)).collectAsList()))
        .containsExactly("1 a insert 3", "2 b insert 3");
  }

  private String version(DeltaSource source, long number) {
    String now = source.version(spark);
    return number + now.substring(now.indexOf(' '));
  }

  private List<String> told(DeltaSource source, Path checkpoint) {
    return texts(Streams.rows(source.open(spark), checkpoint));
  }

  /** By their sequence. */
  private static List<String> texts(List<Row> rows) {
    return rows.stream()
        .peek(row -> assertThat(row.<Object>getAs("changed_at")).isNotNull())
        .sorted(
            Comparator.comparing((Row row) -> row.<Long>getAs("sequence"))
                .thenComparing(row -> row.<Integer>getAs("id")))
        .map(
            row ->
                row.getAs("id")
                    + " "
                    + row.getAs("v")
                    + " "
                    + row.getAs("operation")
                    + " "
                    + row.getAs("sequence"))
        .toList();
  }

  @Test
  void changesAreReadWhole() {
    assertThatThrownBy(() -> changes(folder, Optional.empty(), Optional.empty(), true, ""))
        .hasMessage("Cannot read changes and leave some out. Leave out skip-changes");
    assertThatThrownBy(() -> changes(folder, Optional.empty(), Optional.of(1L), false, ""))
        .hasMessage(
            "Cannot read the changes of a table as of one version. Leave it out, or write"
                + " start-version");
    assertThatThrownBy(
            () ->
                new DeltaSource(
                    changes(folder, Optional.empty(), Optional.empty(), false, "operation int")))
        .hasMessageContaining("Cannot read a column operation: a change has one of that name.");
  }

  @Test
  void knowsTheColumnsOfADeltaTableThatAJobNames() {
    Path table = folder.resolve("named");
    spark.sql("select 1 as a, 'x' as b, true as c").write().format("delta").save(table.toString());
    DeltaSource source =
        delta(table, Optional.empty(), Optional.empty(), Optional.of("b string, a int"));

    assertThat(source.schema()).contains(source.read(spark).schema());
    assertThat(source.read(spark).collectAsList()).containsExactly(RowFactory.create("x", 1));
    assertThatThrownBy(
            () ->
                delta(table, Optional.empty(), Optional.empty(), Optional.of("a bigint"))
                    .read(spark))
        .hasMessage(
            "Cannot read the column a as BIGINT: the Delta table has it as INT. Correct schema");
    assertThatThrownBy(
            () ->
                delta(table, Optional.empty(), Optional.empty(), Optional.of("d int")).open(spark))
        .hasMessage(
            "Cannot read the column d as INT: the Delta table has none of that name. Correct"
                + " schema");
  }

  @Test
  void readsADeltaTableAsStreamAsTableAndAsOfAVersion() {
    Path table = folder.resolve("table");
    Path checkpoint = folder.resolve("checkpoint");
    spark.range(0, 2).coalesce(1).write().format("delta").save(table.toString());
    DeltaSource source = delta(table, Optional.empty(), Optional.empty());
    assertThat(Streams.rows(source.open(spark), checkpoint)).hasSize(2);

    spark.range(2, 5).coalesce(1).write().format("delta").mode("append").save(table.toString());
    assertThat(Streams.rows(source.open(spark), checkpoint))
        .extracting(row -> row.getLong(0))
        .containsExactlyInAnyOrder(2L, 3L, 4L);
    assertThat(source.read(spark).count()).isEqualTo(5);
    assertThat(delta(table, Optional.empty(), Optional.of(0L)).read(spark).count()).isEqualTo(2);
    DeltaSource late = delta(table, Optional.of(1L), Optional.empty());
    assertThat(Streams.rows(late.open(spark), folder.resolve("late"))).hasSize(3);
    assertThat(source.schema()).isEmpty();
  }

  @Test
  void keepsRowsInMemoryForARestartAndCountsThem() {
    MemorySource source =
        new MemorySource(new MemorySource.Settings("kept", "a int not null, b string"));
    MemoryRows rows = MemoryRows.named("kept");
    Path checkpoint = folder.resolve("checkpoint");
    rows.add(RowFactory.create(1, "x"), RowFactory.create(2, null));
    assertThat(Streams.rows(source.open(spark), checkpoint))
        .containsExactly(RowFactory.create(1, "x"), RowFactory.create(2, null));
    rows.add(RowFactory.create(3, "y"));
    assertThat(Streams.rows(source.open(spark), checkpoint))
        .containsExactly(RowFactory.create(3, "y"));
    assertThat(rows.handedOut()).isEqualTo(3);
    assertThat(source.read(spark).collectAsList()).hasSize(3);
    assertThat(rows.handedOut()).isEqualTo(3);
    assertThat(source.schema()).contains(source.columns());
  }

  @Test
  void makesRowsAtARate() {
    RateSource source = new RateSource(new RateSource.Settings(10, 1));
    assertThat(Optional.of(source.open(spark).schema())).isEqualTo(source.schema());
    assertThatThrownBy(() -> source.read(spark))
        .hasMessage("Cannot read rate as a table: it has no end. Run it as a stream, or use files");
    assertThatThrownBy(() -> new RateSource.Settings(0, 1))
        .hasMessage("Expected 1 or more for rows-per-second and partitions, found 0 and 1");
  }

  @Test
  void readsLinesFromASocket() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      SocketSource source =
          new SocketSource(new SocketSource.Settings("127.0.0.1", server.getLocalPort()));
      StreamingQuery query =
          source.open(spark).writeStream().format("memory").queryName("socket_lines").start();
      try (Socket client = server.accept();
          PrintStream out =
              new PrintStream(client.getOutputStream(), true, StandardCharsets.UTF_8)) {
        out.println("one");
        out.println("two");
        long end = System.nanoTime() + 60_000_000_000L;
        List<Row> found = List.of();
        while (found.size() < 2 && System.nanoTime() < end) {
          query.processAllAvailable();
          found = spark.table("socket_lines").collectAsList();
        }
        assertThat(found).containsExactly(RowFactory.create("one"), RowFactory.create("two"));
      } finally {
        query.stop();
      }
      assertThat(source.replays()).isFalse();
      assertThatThrownBy(() -> source.read(spark))
          .hasMessageContaining("it has no end and is for trying things out");
    }
  }

  @Test
  void readsAnyFormatOfSpark() throws IOException {
    SparkSource source =
        new SparkSource(
            new SparkSource.Settings(
                "rate-micro-batch",
                Map.of("rowsPerBatch", "3"),
                Optional.empty(),
                Optional.empty()));
    assertThat(source.open(spark).columns()).containsExactly("timestamp", "value");

    Path file = folder.resolve("numbers");
    spark.range(3).write().json(file.toString());
    SparkSource json =
        new SparkSource(
            new SparkSource.Settings(
                "json", Map.of(), Optional.of(file.toString()), Optional.of("id bigint")));
    assertThat(json.read(spark).count()).isEqualTo(3);
    assertThat(Streams.rows(json.open(spark), folder.resolve("checkpoint"))).hasSize(3);
  }
}
