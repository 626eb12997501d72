package io.millrace.sinks.console;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.EVERY_TYPE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.sinks.testing.Batches;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ConsoleSinkTest {
  private static String printed(int rows, int truncate, Dataset<Row> frame) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      ConsoleSink sink = new ConsoleSink(new ConsoleSink.Settings(rows, truncate));
      Batches.run(sink, query(), APPEND, 3, frame);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void printsTheFirstRowsAsATable() {
    Dataset<Row> rows =
        sql("select * from values (1, 'a word that is long'), (2, null), (3, 'x\\ny') as t(id, w)")
            .coalesce(1);

    assertThat(printed(2, 10, rows))
        .isEqualTo(
            """
            sink, batch 3: 3 rows, the first 2
            +----+------------+
            | id | w          |
            +----+------------+
            | 1  | a word ... |
            | 2  | NULL       |
            +----+------------+
            """);
    assertThat(printed(20, 0, rows)).contains("| 3  | x\\ny").contains("a word that is long");
  }

  @Test
  void printsALineForAnEmptyBatch() {
    assertThat(printed(20, 0, sql("select id from range(0)"))).isEqualTo("sink, batch 3: 0 rows\n");
  }

  @Test
  void printsEveryTypeAsSparkShowsIt() {
    assertThat(printed(20, 0, sql(EVERY_TYPE)))
        .contains("[CA FE]", "{k -> 1.5}", "{1, [z]}", "2026-01-02 03:04:05.006", "[1, NULL]");
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new ConsoleSink.Settings(0, 0))
        .hasMessage("Expected rows of 1 or more, found 0");
    assertThatThrownBy(() -> new ConsoleSink.Settings(1, 3))
        .hasMessage("Expected truncate of 4 or more, or 0 for whole values, found 3");
    assertThatThrownBy(() -> new ConsoleSink(new ConsoleSink.Settings(1, 0)).guarantee(UPSERT))
        .hasMessage("Cannot upsert on the console. Use write: append");
  }
}
