package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.StaticTable;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.source.MemorySource;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.TableState;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  private static final Instant START = Instant.parse("2026-01-01T10:00:00Z");

  private final String name = UUID.randomUUID().toString();
  private final MemoryRows rows = MemoryRows.named(name);
  private final MemorySource source =
      new MemorySource(new MemorySource.Settings(name, "id string"));
  private final Hand clock = new Hand();

  @TempDir Path folder = Path.of("");

  /** A clock that a test moves. */
  private static final class Hand extends Clock {
    private Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("Has one zone");
    }
  }

  /** A source without versions that can be away. */
  private record Away(MemorySource source, AtomicBoolean away) implements Source {
    @Override
    public Dataset<Row> open(SparkSession spark) {
      return source.open(spark);
    }

    @Override
    public Dataset<Row> read(SparkSession spark) {
      if (away.get()) {
        throw new IllegalStateException("Cannot find the table");
      }
      return source.read(spark);
    }

    @Override
    public Optional<StructType> schema() {
      return source.schema();
    }
  }

  private Table table(Source from, String refresh, long begun) {
    StaticTable how = new StaticTable(Optional.of(refresh), Optional.of(Duration.ofMinutes(30)));
    Plan.Input input =
        new Plan.Input(
            "table", Position.JAVA, from, Optional.empty(), Optional.empty(), Optional.of(how));
    VersionNotes notes =
        VersionNotes.ofTable(
            folder.toString(), "table", Sessions.spark().sparkContext().hadoopConfiguration());
    Table table = new Table(Sessions.spark(), input, Optional.of(notes), clock);
    table.start(begun);
    return table;
  }

  private void add(String id) {
    rows.add(RowFactory.create(id));
  }

  private void later(String time) {
    clock.now = clock.now.plus(Duration.parse(time));
  }

  private TableState state(Table table) {
    return table.state().orElseThrow();
  }

  @Test
  void isReadAgainWhenItsTimeIsOver() {
    add("a");
    try (Table table = table(source, "10m", -1)) {
      assertThat(table.of(0).rows()).isOne();
      add("b");
      later("PT9M59S");
      assertThat(table.of(1).rows()).isOne();
      later("PT1S");
      assertThat(table.of(2).rows()).isEqualTo(2);
      assertThat(state(table).current()).isEqualTo(START.plusSeconds(600));
    }
  }

  @Test
  void isKeptWhereItsVersionIsTheSameAfterItsTime() {
    add("a");
    try (Table table = table(source, "10m", -1)) {
      TableRows first = table.of(0);
      later("PT10M");
      assertThat(table.of(1)).isSameAs(first);
      assertThat(state(table).current()).isEqualTo(START.plusSeconds(600));
    }
  }

  @Test
  void allOfABatchSeesTheSame() {
    add("a");
    try (Table table = table(source, "on-change", -1)) {
      TableRows first = table.of(0);
      add("b");
      assertThat(table.of(0)).isSameAs(first);
      assertThat(table.of(1).rows()).isEqualTo(2);
    }
  }

  @Test
  void doesForSomeTimeWhileItCannotBeReadAgain() {
    AtomicBoolean away = new AtomicBoolean();
    add("a");
    try (Table table = table(new Away(source, away), "10m", -1)) {
      table.of(0);
      away.set(true);
      add("b");
      later("PT10M");
      assertThat(table.of(1).rows()).isOne();
      assertThat(state(table).failing()).contains(START.plusSeconds(600));
      later("PT1S");
      away.set(false);
      assertThat(table.of(2).rows()).isEqualTo(2);
      assertThat(state(table).failing()).isEmpty();

      away.set(true);
      later("PT10M");
      table.of(3);
      later("PT30M");
      assertThatThrownBy(() -> table.of(4))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Cannot read the table 'table' again: Cannot find the table. The rows of"
                  + " 2026-01-01T10:10:01Z have done for 30m");
    }
  }

  @Test
  void aBatchThatComesAgainSeesWhatIsNotedAndTheNextOneWhatIsThere() {
    add("a");
    try (Table table = table(source, "10m", -1)) {
      table.of(0);
      table.of(1);
    }
    add("b");
    try (Table table = table(source, "10m", 1)) {
      assertThat(table.of(1).rows()).isOne();
      assertThat(table.of(2).rows()).isEqualTo(2);
    }
    assertThat(folder.resolve("tables/table")).isDirectoryContaining(f -> f.endsWith("0"));
    assertThat(folder.resolve("tables/table")).isDirectoryContaining(f -> f.endsWith("2"));
  }

  @Test
  void notesOfBatchesThatACheckpointDoesNotKnowAreForgotten() {
    add("a");
    try (Table table = table(source, "on-change", -1)) {
      table.of(0);
      add("b");
      table.of(1);
    }
    try (Table table = table(source, "on-change", 0)) {
      assertThat(Files.exists(folder.resolve("tables/table/1"))).isFalse();
      assertThat(table.of(0).rows()).isOne();
    }
  }

  @Test
  void keepsTheNotesOfTheLastBatchesOnly() {
    try (Table table = table(source, "on-change", -1)) {
      for (long batch = 0; batch <= 300; batch += 100) {
        add("row");
        table.of(batch);
      }
    }
    assertThat(folder.resolve("tables/table/100")).doesNotExist();
    assertThat(folder.resolve("tables/table/200")).exists();
    assertThat(folder.resolve("tables/table/300")).exists();
  }

  @Test
  void aTableThatHasOtherColumnsIsNoneOfTheJob() {
    StructType columns = StructType.fromDDL("id string, country string");

    assertThat(fitted(columns, "select 'uk' as country, 1 as more, 'a' as id").columns())
        .containsExactly("id", "country");
    assertThatThrownBy(() -> fitted(columns, "select 'a' as id"))
        .hasMessage(
            "Cannot go on with the table 'table': its column country string was there when the job"
                + " started and is gone. Start the job again");
    assertThatThrownBy(() -> fitted(columns, "select 'a' as id, 7 as country"))
        .hasMessageContaining("was there when the job started and is now int");
    assertThatThrownBy(
            () ->
                fitted(
                    StructType.fromDDL("id string not null"),
                    "select if(rand() > 2, 'a', null) as id"))
        .hasMessageContaining("was never null when the job started and may be null now");
  }

  private static Dataset<Row> fitted(StructType columns, String rows) {
    return TableRows.fitted("table", columns, Sessions.spark().sql(rows));
  }

  @Test
  void isNotReadOutsideOfABatch() {
    Table table = table(source, "10m", -1);
    Sessions.spark().sparkContext().setLocalProperty("streaming.sql.batchId", null);

    assertThatThrownBy(table::rows).hasMessage("Table 'table' is read outside a batch");
  }
}
