package io.millrace.engine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.TTLConfig;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class ProcessorTesterTest {
  private static final String INPUT = "k string, t timestamp, v string";

  private static ProcessorTester tester() {
    return ProcessorTester.of(new Tallies(), List.of("k"), INPUT, "t", Tallies.OUTPUT);
  }

  private static Row row(String key, int second, String value) {
    return RowFactory.create(key, Timestamp.from(Instant.ofEpochSecond(second)), value);
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream().map(Row::toString).toList();
  }

  @Test
  void keepsStateAndTimersAndNoFields() {
    try (ProcessorTester tester = tester()) {
      tester.batch(row("a", 1, "x"));
      List<Row> second = tester.batch(row("a", 2, "x"), row("b", 13, "y"), row("a", 3, "z"));

      assertThat(texts(second))
          .containsExactly(
              "[a,1970-01-01 00:00:00.0,3,in this batch 2]",
              "[b,1970-01-01 00:00:00.0,1,in this batch 3]");
      assertThat(tester.timers("a")).containsExactly(Instant.ofEpochSecond(10));
      assertThat(
              tester.<Long>state(
                  List.of("b"),
                  handle -> handle.getValueState("rows", Encoders.LONG(), TTLConfig.NONE()).get()))
          .isEqualTo(1);
      List<String> values =
          tester.state(
              List.of("a"),
              handle ->
                  CollectionConverters.asJava(
                      handle
                          .getListState("values", Encoders.STRING(), TTLConfig.NONE())
                          .get()
                          .toSeq()));
      assertThat(values).containsExactly("x", "x", "z");
    }
  }

  @Test
  void firesTimersUpToTheWatermarkInTheirOrder() {
    try (ProcessorTester tester = tester()) {
      tester.batch(row("b", 11, "y"), row("a", 1, "x"));

      assertThat(tester.watermark(Instant.ofEpochMilli(9_999))).isEmpty();
      assertThat(texts(tester.watermark(Instant.ofEpochSecond(20))))
          .containsExactly(
              "[a,1970-01-01 00:00:10.0,1,[x] of [x=1]]",
              "[b,1970-01-01 00:00:20.0,1,[y] of [y=1]]");
      assertThat(tester.timers("a")).containsExactly(Instant.ofEpochSecond(20));
      assertThat(texts(tester.batch())).containsExactly("[a,1970-01-01 00:00:20.0,1,[x] of [x=1]]");
    }
  }

  @Test
  void handsOnNothingThatIsLate() {
    try (ProcessorTester tester = tester()) {
      tester.watermark(Instant.ofEpochSecond(20));

      assertThat(tester.batch(row("a", 20, "x"), RowFactory.create("a", null, "y"))).isEmpty();
      assertThat(texts(tester.late())).containsExactly("[a,1970-01-01 00:00:20.0,x]");
      assertThat(tester.batch(row("a", 21, "x"))).hasSize(1);
    }
  }

  @Test
  void refusesWhatCannotBe() {
    try (ProcessorTester tester = tester()) {
      tester.watermark(Instant.ofEpochSecond(20));

      assertThatThrownBy(() -> tester.watermark(Instant.ofEpochSecond(19)))
          .hasMessage(
              "Cannot move the watermark back from 1970-01-01T00:00:20Z to 1970-01-01T00:00:19Z");
      assertThatThrownBy(() -> tester.batch(RowFactory.create("a", "no time", "x")))
          .hasStackTraceContaining("is not valid for the type \"TIMESTAMP\"");
      assertThatThrownBy(
              () ->
                  tester.state(
                      List.of("a"),
                      handle -> {
                        handle.registerTimer(1);
                        return "";
                      }))
          .hasMessageContaining("register_timer");
    }
    assertThatThrownBy(
            () -> ProcessorTester.of(new Tallies(), List.of("key"), INPUT, "t", Tallies.OUTPUT))
        .hasMessage("Unknown column key. There are k, t, v");
  }
}
