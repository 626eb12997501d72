package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.sketch.CountMinSketch;
import org.junit.jupiter.api.Test;

/** The bounds of approximate aggregates that the page of windows states, on seeded rows. */
class ApproximateTest {
  private static final int ROWS = 60_000;
  private static final int DISTINCT = 20_000;

  /**
   * One window of rows whose values 0 to 19,999 are each there as often, but 7, which is a third.
   */
  private static Row window(Map<String, String> aggregates) {
    WindowStep step =
        new WindowStep(
            new WindowStep.Settings(
                "t",
                Optional.of(Duration.ofHours(1)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                aggregates));
    Dataset<Row> rows =
        Tables.run(
            step,
            Tables.table(
                "rows",
                "select if(id % 3 = 0, 7L, pmod(id * 7919, "
                    + DISTINCT
                    + ")) as x, id, timestamp_seconds(id % 60) as t from range(0, "
                    + ROWS
                    + ", 1, 4)"));
    return rows.first();
  }

  private static Map<String, String> measured() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("exact", "count(distinct x)");
    all.put("approx_count_distinct", "approx_count_distinct(x)");
    all.put("fine", "approx_count_distinct(x, 0.01)");
    all.put("hll_sketch_agg", "hll_sketch_estimate(hll_sketch_agg(x))");
    all.put("theta_sketch_agg", "theta_sketch_estimate(theta_sketch_agg(x))");
    all.put("approx_percentile", "approx_percentile(id, array(0.1, 0.5, 0.99))");
    all.put("coarse", "approx_percentile(id, array(0.1, 0.5, 0.99), 100)");
    all.put(
        "kll_sketch_agg_bigint",
        "transform(array(0.1d, 0.5d, 0.99d), p ->"
            + " kll_sketch_get_quantile_bigint(kll_sketch_agg_bigint(id), p))");
    all.put("approx_top_k", "approx_top_k(x, 3, 100)");
    all.put("count_min_sketch", "count_min_sketch(x, 0.01d, 0.95d, 1)");
    return all;
  }

  private static final Row FOUND = window(measured());

  private static double number(String name) {
    return ((Number) FOUND.getAs(name)).doubleValue();
  }

  @Test
  void countsDistinctValuesWithinThreeStandardErrors() {
    double exact = number("exact");
    assertThat(exact).isEqualTo(exactly());
    assertOff("approx_count_distinct", 0.05);
    assertOff("fine", 0.01);
    assertOff("hll_sketch_agg", 1.04 / Math.sqrt(1 << 12));
    assertOff("theta_sketch_agg", 1 / Math.sqrt(1 << 12));
  }

  private static double exactly() {
    return Tables.spark()
        .sql(
            "select count(distinct if(id % 3 = 0, 7L, pmod(id * 7919, "
                + DISTINCT
                + "))) from range("
                + ROWS
                + ")")
        .first()
        .getLong(0);
  }

  /** 3 standard errors: one of 370 samples is further off, and this one is always the same. */
  private static void assertOff(String name, double error) {
    assertThat(Math.abs(number(name) / exactly() - 1)).as(name).isLessThan(3 * error);
  }

  /** The values are the numbers of the rows, so each is its own rank. */
  @Test
  void findsQuantilesWithinSoManyRanks() {
    assertRanks("approx_percentile", 1.0 / 10_000);
    assertRanks("coarse", 1.0 / 100);
    assertRanks("kll_sketch_agg_bigint", 0.0165);
  }

  private static void assertRanks(String name, double error) {
    double[] asked = {0.1, 0.5, 0.99};
    List<Long> found = FOUND.getList(FOUND.fieldIndex(name));
    for (int i = 0; i < asked.length; i++) {
      assertThat(Math.abs(found.get(i) - asked[i] * ROWS))
          .as(name + " " + asked[i])
          .isLessThanOrEqualTo(error * ROWS + 1);
    }
  }

  @Test
  void countsFrequentValues() throws IOException {
    List<Row> top = FOUND.getList(FOUND.fieldIndex("approx_top_k"));
    long sevens =
        Tables.spark()
            .sql(
                "select count_if(id % 3 = 0 or pmod(id * 7919, "
                    + DISTINCT
                    + ") = 7) from range("
                    + ROWS
                    + ")")
            .first()
            .getLong(0);
    assertThat(top.get(0).getLong(0)).isEqualTo(7);
    assertThat((double) Math.abs(top.get(0).getLong(1) - sevens))
        .isLessThanOrEqualTo(3.5 / 100 * ROWS);
    CountMinSketch sketch =
        CountMinSketch.readFrom(new ByteArrayInputStream(FOUND.getAs("count_min_sketch")));
    assertThat(sketch.estimateCount(7L)).isBetween(sevens, (long) (sevens + 0.01 * ROWS));
  }

  @Test
  void samplesTheSameWhateverTheOrder() {
    Map<String, String> samples = new LinkedHashMap<>();
    samples.put("values", "reservoir(x, 500)");
    samples.put("rows", "reservoir(x, 3000, id)");
    samples.put("others", "reservoir(x, 500, x, 2)");
    samples.put("few", "reservoir(x, 10) filter (where x < 5)");
    samples.put("lists", "reservoir(array(x), 2)");
    Row found = window(samples);
    List<Long> values = found.getList(found.fieldIndex("values"));
    assertThat(values).hasSize(500).doesNotHaveDuplicates();
    // The mean of 500 of 20,000 numbers has a standard error of 258, and here 3 of these.
    double mean = values.stream().mapToLong(value -> value).average().orElseThrow();
    assertThat(mean).isBetween(10_000 - 3 * 258.0, 10_000 + 3 * 258.0);
    // A third of the rows is 7; the standard error of 3,000 rows is 26.
    List<Long> rows = found.getList(found.fieldIndex("rows"));
    assertThat(rows).hasSize(3000);
    assertThat(rows.stream().filter(value -> value == 7).count()).isBetween(1000L - 78, 1000L + 78);
    List<Long> others = found.getList(found.fieldIndex("others"));
    assertThat(new TreeSet<>(others)).hasSize(500).isNotEqualTo(new TreeSet<>(values));
    List<Long> few = found.getList(found.fieldIndex("few"));
    assertThat(few).allMatch(value -> value < 5);
    assertThat(found.getList(found.fieldIndex("lists"))).hasSize(2);
    assertThat(window(samples)).isEqualTo(found);
  }

  @Test
  void countsCombinationsAsSparkDoes() {
    String rows =
        "select id % 5 as a, nullif(id % 3, 0) as b, timestamp_seconds(id) as t from range(60)";
    WindowStep step =
        new WindowStep(
            new WindowStep.Settings(
                "t",
                Optional.of(Duration.ofHours(1)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of("pairs", "count(distinct a, b) filter (where a > 0)")));
    assertThat(Tables.run(step, Tables.table("rows", rows)).first().<Long>getAs("pairs"))
        .isEqualTo(
            Tables.spark()
                .sql("select count(distinct a, b) filter (where a > 0) from (" + rows + ")")
                .first()
                .getLong(0));
  }

  /** A bound that is stated and not measured would be a promise without ground. */
  @Test
  void measuresEveryBoundThatThePageStates() throws IOException {
    String page;
    try (InputStream text = WindowStep.Settings.class.getResourceAsStream("window.md")) {
      page = new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<String> stated =
        page.lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> Pattern.compile("[`(]").split(line, -1)[1])
            .collect(Collectors.toList());
    stated.removeAll(List.of("histogram_numeric", "reservoir"));
    assertThat(stated).hasSize(7).allMatch(measured()::containsKey);
  }
}
