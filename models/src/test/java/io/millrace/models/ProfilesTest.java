package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.testing.Sessions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ProfilesTest {
  private static final int ROWS = 1_000;

  /** Quantiles, counts and moments against plain Java over the same values. */
  @Test
  void countsWhatLiesBetweenTheQuantiles() {
    Dataset<Row> rows =
        rows(
            "cast(case when id % 100 = 7 then null when id % 100 = 8 then double('NaN')"
                + " else pmod(xxhash64(id), 5000) / 10 end as double) as amount");
    Profile.Numbers numbers = profile(rows, "amount", "DOUBLE").numbers().get(0);
    double[] values =
        rows.filter("amount is not null and not isnan(amount)").collectAsList().stream()
            .mapToDouble(row -> row.<Double>getAs("amount"))
            .sorted()
            .toArray();

    assertThat(numbers.rows()).isEqualTo(ROWS);
    assertThat(numbers.nulls()).isEqualTo(20);
    assertThat(numbers.edges()).hasSizeBetween(95, 99).isSorted().doesNotHaveDuplicates();
    for (int i = 0; i <= numbers.edges().size(); i++) {
      double above = i == 0 ? Double.NEGATIVE_INFINITY : numbers.edges().get(i - 1);
      double upTo = i == numbers.edges().size() ? Double.POSITIVE_INFINITY : numbers.edges().get(i);
      assertThat(numbers.counts().get(i))
          .isEqualTo(Arrays.stream(values).filter(v -> v > above && v <= upTo).count());
    }
    double median = numbers.edges().get(numbers.edges().size() / 2);
    assertThat(Arrays.stream(values).filter(v -> v <= median).count() / (double) values.length)
        .isCloseTo(0.5, within(0.02));
    double mean = DoubleStream.of(values).average().orElseThrow();
    double squares = DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
    assertThat(numbers.mean()).isCloseTo(mean, within(1e-9));
    assertThat(numbers.deviation())
        .isCloseTo(Math.sqrt(squares / (values.length - 1)), within(1e-9));
  }

  @Test
  void writesAnEdgeOnceHoweverManyQuantilesFallOnIt() {
    Profile.Numbers numbers =
        profile(rows("cast(if(id < 900, 0, id) as int) as amount"), "amount", "INT")
            .numbers()
            .get(0);

    assertThat(numbers.edges().get(0)).isZero();
    assertThat(numbers.counts().get(0)).isEqualTo(900);
    assertThat(numbers.counts().stream().mapToLong(Long::longValue).sum()).isEqualTo(ROWS);
  }

  @Test
  void aColumnOfNullsHasNoEdges() {
    assertThat(profile(rows("cast(null as double) as amount"), "amount", "DOUBLE").numbers())
        .containsExactly(
            new Profile.Numbers("amount", ROWS, ROWS, List.of(), List.of(0L), 0.0, 0.0));
  }

  @Test
  void countsTheMostFrequentValuesOneByOne() {
    Dataset<Row> rows =
        rows("if(id % 10 = 0, null, concat('v', if(id < 500, 7, id % 200))) as device");
    Profile.Categories categories = profile(rows, "device", "STRING").categories().get(0);
    Map<String, Long> counts = categories.counts();

    assertThat(categories.nulls()).isEqualTo(100);
    assertThat(counts).hasSize(100);
    assertThat(counts.entrySet().iterator().next()).isEqualTo(Map.entry("v7", 452L));
    assertThat(counts.values().stream().mapToLong(Long::longValue).sum() + categories.others())
        .isEqualTo(ROWS - 100);
    assertThat(profile(rows("id < 3 as device"), "device", "BOOLEAN").categories().get(0).counts())
        .isEqualTo(Map.of("true", 3L, "false", ROWS - 3L));
  }

  private static Dataset<Row> rows(String column) {
    return Sessions.spark().range(0, ROWS, 1, 3).selectExpr(column);
  }

  private static Profile profile(Dataset<Row> rows, String column, String type) {
    return Profiles.of(
        List.of(new Manifest.Field(column, type, 0)),
        List.of(new Manifest.Field("prediction", "DOUBLE", 0)),
        rows,
        rows.selectExpr("cast(1 as double) as prediction"));
  }
}
