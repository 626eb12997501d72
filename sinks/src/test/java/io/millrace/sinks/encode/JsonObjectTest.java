package io.millrace.sinks.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.sinks.testing.Batches;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
  private static final String UTC = "UTC";

  private static List<String> ours(Dataset<Row> rows, String zone) {
    JsonObject object = new JsonObject(rows.schema(), ZoneId.of(zone));
    List<String> all = new ArrayList<>();
    for (InternalRow row : rows.queryExecution().executedPlan().executeCollect()) {
      Bytes out = new Bytes(1);
      object.write(row, out);
      all.add(new String(out.copy(), StandardCharsets.UTF_8));
    }
    return all;
  }

  private static List<String> sparks(Dataset<Row> rows, String zone) {
    return rows
        .select(functions.to_json(functions.struct("*"), Map.of("timeZone", zone)))
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static void same(Dataset<Row> rows, String zone) {
    assertThat(ours(rows, zone)).isEqualTo(sparks(rows, zone));
  }

  private static void same(String query) {
    same(Batches.sql(query), UTC);
  }

  @Test
  void writesEveryTypeAsSparkDoes() {
    same(Batches.EVERY_TYPE);
    same(
        "select interval 1 month m, interval 2 second s, interval -3 day d, make_interval(1, 2) c,"
            + " parse_json('{\"v\": [1, \"x\", null]}') v, void nothing from (select null void)");
  }

  @Test
  void writesExtremesAsSparkDoes() {
    same(
        "select cast(-128 as tinyint) b, cast(-32768 as smallint) s, -2147483648 i,"
            + " -9223372036854775808L l, 9223372036854775807L ll, 0L zero,"
            + " cast('NaN' as double) n, cast('-Infinity' as double) inf, cast('Infinity' as float) f,"
            + " 4.9E-324D tiny, 1.7976931348623157E308D huge, cast(3.4028235E38 as float) hugef,"
            + " -0.0D nothing, 9999999.9999D nines, 1e7D ten, 0.001D thousandth, 0.00099D less,"
            + " 99999999999999999999999999999999999999BD wide, 0.0000000001BD narrow,"
            + " cast(0 as decimal(38, 18)) none, -1.10BD trailing, X'' empty, '' blank");
  }

  @Test
  void writesDoublesAsTheJdkDoes() {
    Random random = new Random(11);
    DoubleStream cents = random.ints(5_000, -100_000_000, 100_000_000).mapToDouble(n -> n / 100.0);
    DoubleStream fine = random.ints(5_000).mapToDouble(n -> n / 10_000.0);
    DoubleStream any = random.longs(5_000).mapToDouble(Double::longBitsToDouble);
    double[] all = DoubleStream.concat(cents, DoubleStream.concat(fine, any)).toArray();
    for (double value : all) {
      Bytes out = new Bytes(8);
      JsonNumber.write(value, out);
      String expected = Double.toString(value);
      assertThat(new String(out.copy(), StandardCharsets.US_ASCII))
          .isEqualTo(Double.isFinite(value) ? expected : "\"" + expected + "\"");
    }
  }

  @Test
  void escapesWhatJsonWantsEscaped() {
    same(
        "select decode(unhex('000102030405060708090A0B0C0D0E0F1F20225C2F7F'), 'UTF-8') controls,"
            + " 'tëxt \"quoted\" \\\\ \\n 😀 \\u2028' text, named_struct('a\"b', 1) `na\"me\\n`,"
            + " map('k\"', 'v\\\\') m");
    same("select cast(X'61FF62C3' as string) broken, cast(X'C328E2' as string) other");
  }

  @Test
  void leavesOutNullsButNotInListsAndMaps() {
    same(
        "select null n, cast(null as struct<a: int>) s, named_struct('a', cast(null as int)) e,"
            + " array(1, null) l, array() none, map('a', cast(null as int)) m,"
            + " array(named_struct('x', array(map(date'2026-01-02', 1.5D)))) deep");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "+05:30"})
  void writesTimesInTheirZoneAsSparkDoes(String zone) {
    same(
        Batches.sql(
            """
            select timestamp_millis(ms) t, cast(timestamp_millis(ms) as timestamp_ntz) l,
              cast(timestamp_millis(ms) as date) d
            from values (0L), (-1L), (1774746000000L), (1774749600123L), (1792947600000L),
              (-62135596800000L), (-62167219200000L), (-62198755200000L), (253402300799999L),
              (253402300800000L), (-2208988800000L), (1111111111111L) as v(ms)
            """),
        zone);
  }

  @Test
  void keepsMicroseconds() {
    Dataset<Row> rows =
        Batches.sql(
            "select timestamp_micros(us) t, cast(timestamp_micros(us) as timestamp_ntz) l"
                + " from values (1L), (1700000000123456L), (-1L), (1700000000120000L) as v(us)");
    assertThat(ours(rows, UTC))
        .containsExactly(
            "{\"t\":\"1970-01-01T00:00:00.000001Z\",\"l\":\"1970-01-01T00:00:00.000001\"}",
            "{\"t\":\"2023-11-14T22:13:20.123456Z\",\"l\":\"2023-11-14T22:13:20.123456\"}",
            "{\"t\":\"1969-12-31T23:59:59.999999Z\",\"l\":\"1969-12-31T23:59:59.999999\"}",
            "{\"t\":\"2023-11-14T22:13:20.120Z\",\"l\":\"2023-11-14T22:13:20.120\"}");
  }

  @Test
  void namesTheColumnThatHasNoFormInJson() {
    StructType columns =
        new StructType()
            .add("a", new StructType().add("b", DataTypes.createArrayType(new TimeType(6))));
    assertThatThrownBy(() -> new JsonObject(columns, ZoneId.of(UTC)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot write column a.b.element of type TIME");
  }
}
