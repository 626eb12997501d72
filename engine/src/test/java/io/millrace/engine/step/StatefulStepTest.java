package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testkit.ProcessorTester;
import io.millrace.engine.testkit.Tallies;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class StatefulStepTest {
  private static final int DELAY = 12;
  private static final int BATCHES = 8;
  private static final int ROWS = 9;

  @Test
  void theTesterGivesWhatSparkGives() throws Exception {
    Random random = new Random(6);
    StatefulStep step =
        new StatefulStep(
            new StatefulStep.Settings(
                Tallies.class.getName(),
                List.of("k"),
                Tallies.OUTPUT,
                Optional.empty(),
                Map.of(),
                true));
    List<String> told = new ArrayList<>();
    try (Streams stream = Streams.of("stateful", "append", WindowStepTest.watermark(DELAY), step);
        ProcessorTester tester =
            ProcessorTester.of(
                new Tallies(),
                List.of("k"),
                "k string, t timestamp, v string",
                "t",
                Tallies.OUTPUT)) {
      int latest = 0;
      for (int batch = 0; batch < BATCHES; batch++) {
        List<String> texts = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        for (int at = 0; at < ROWS; at++) {
          String key = "k" + random.nextInt(4);
          int second = 1 + batch * 9 + random.nextInt(30);
          String value = "v" + random.nextInt(3);
          latest = Math.max(latest, second);
          texts.add(key + " " + second + " " + value);
          rows.add(RowFactory.create(key, Timestamp.from(Instant.ofEpochSecond(second)), value));
        }
        stream.add(texts.toArray(String[]::new));
        tester.batch(rows.toArray(Row[]::new)).forEach(row -> told.add(row.toString()));
        tester
            .watermark(Instant.ofEpochSecond(latest - DELAY))
            .forEach(row -> told.add(row.toString()));
      }

      told.removeIf(row -> row.contains("in this batch"));
      assertThat(tester.late()).isNotEmpty();
      assertThat(stream.rows("*").stream().filter(row -> !row.contains("in this batch")))
          .hasSizeGreaterThan(BATCHES)
          .containsExactlyInAnyOrderElementsOf(told);
    }
  }
}
