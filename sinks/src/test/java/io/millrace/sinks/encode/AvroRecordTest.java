package io.millrace.sinks.encode;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Batches;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.avro.functions;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AvroRecordTest {
  private static final String EXTREMES =
      """
      select * from values
        (-128Y, 32767S, -2147483648, -9223372036854775808L, float('NaN'), -0.0D,
          -99999999999999999999.999999999999999999BD, false, '', X'', date'0001-01-01',
          timestamp'0001-01-01 00:00:00.000001', timestamp_ntz'9999-12-31 23:59:59.999999',
          array(), map(), named_struct('x', 2147483647, 'y', array())),
        (127Y, -32768S, 2147483647, 9223372036854775807L, float('-Infinity'), 4.9E-324D,
          0.000000000000000001BD, true, repeat('é', 100), X'00FF', date'9999-12-31',
          timestamp'1969-12-31 23:59:59.999999', timestamp_ntz'1970-01-01 00:00:00',
          array(64, -64, null, 63, -65), map('', 1.5D, 'k', null),
          named_struct('x', -1, 'y', array('z', null)))
      as t(a_byte, a_short, an_int, a_long, a_float, a_double, a_decimal, a_boolean, a_text, bytes,
        a_date, a_time, a_local_time, a_list, a_map, a_struct)
      """;

  private static Dataset<Row> sql(String text) {
    return Batches.sql(text);
  }

  private static List<Row> encoded(Dataset<Row> rows, Schema schema) {
    AvroRecord record = new AvroRecord(rows.schema(), schema);
    List<Row> all = new ArrayList<>();
    Bytes out = new Bytes(1);
    for (InternalRow row : rows.queryExecution().executedPlan().executeCollect()) {
      out.clear();
      record.write(row, out);
      all.add(RowFactory.create((Object) out.copy()));
    }
    return all;
  }

  /** What Spark's own reader finds in what is written. */
  private static List<String> readBack(Dataset<Row> rows, Schema schema) {
    Dataset<Row> payloads =
        Sessions.spark()
            .createDataset(
                encoded(rows, schema),
                Encoders.row(new StructType().add("payload", DataTypes.BinaryType)))
            .repartition(1);
    return texts(
        payloads
            .select(functions.from_avro(col("payload"), schema.toString()).as("record"))
            .select("record.*"));
  }

  private static List<String> texts(Dataset<Row> rows) {
    Dataset<Row> told =
        List.of(rows.columns()).contains("bytes")
            ? rows.withColumn("bytes", org.apache.spark.sql.functions.hex(col("bytes")))
            : rows;
    return told.collectAsList().stream().map(Row::toString).toList();
  }

  private static Schema schema(String fields) {
    return new Schema.Parser()
        .parse(
            "{'type': 'record', 'name': 'R', 'fields': [%s]}".formatted(fields).replace('\'', '"'));
  }

  @Test
  void everyTypeWithItsExtremesIsReadBackBySpark() {
    for (String query : List.of(Batches.EVERY_TYPE, EXTREMES)) {
      Dataset<Row> rows = sql(query);

      assertThat(readBack(rows, AvroColumns.record("a.b.Row", rows.schema())))
          .containsExactlyElementsOf(texts(rows));
    }
  }

  @Test
  void columnsMakeASchemaThatCanGrow() {
    Schema schema =
        AvroColumns.record(
            "shop.orders",
            sql("select 1L id, cast(null as string) note, array(named_struct('n', 1)) parts")
                .schema());

    assertThat(schema.toString())
        .isEqualTo(
            """
            {"type":"record","name":"orders","namespace":"shop","fields":[
            {"name":"id","type":"long"},
            {"name":"note","type":["null","string"],"default":null},
            {"name":"parts","type":{"type":"array","items":{"type":"record","name":"orders_parts","fields":[
            {"name":"n","type":"int"}]}}}]}
            """
                .replace("\n", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          interval 1 month m             | Cannot write column m of type INTERVAL MONTH as Avro. Cast it to string in a sql step
          interval 2 second s            | Cannot write column s of type INTERVAL SECOND as Avro. Cast it to string in a sql step
          parse_json('1') v              | Cannot write column v of type VARIANT as Avro. Cast it to string in a sql step
          null n                         | Cannot write column n of type VOID as Avro. Cast it to string in a sql step
          array(map(1, 2)) m             | Cannot write column m.element of type MAP<INT, INT> as Avro. A map of Avro has string keys: build it with such in a sql step
          named_struct('a b', 1) s       | Cannot name a field of Avro s.a b: Illegal character in: a b. Rename the column in a sql step
          """)
  void saysWhichColumnHasNoFormInAvro(String column, String sentence) {
    StructType columns = sql("select " + column).schema();

    assertThatThrownBy(() -> AvroColumns.record("r", columns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void aSchemaOfOnesOwnGivesTheForm() {
    Schema schema =
        schema(
            """
            {'name': 'kind', 'type': {'type': 'enum', 'name': 'K', 'symbols': ['A', 'B']}},
            {'name': 'paid', 'type': {'type': 'fixed', 'name': 'F', 'size': 6,
              'logicalType': 'decimal', 'precision': 12, 'scale': 2}},
            {'name': 'at', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'}},
            {'name': 'n', 'type': ['long', 'null']},
            {'name': 'f', 'type': 'double'},
            {'name': 'more', 'type': {'type': 'array', 'items': 'string'}, 'default': ['x']}
            """);

    assertThat(
            readBack(
                sql(
                    "select 1.5F f, 'B' kind, -1.25BD paid, timestamp'1969-12-31 23:59:59.9996' at,"
                        + " 7 n union all select 0F, 'A', 2BD, timestamp'2026-01-01 00:00:00',"
                        + " null"),
                schema))
        .containsExactly(
            "[B,-1.25,1969-12-31 23:59:59.999,7,1.5,ArraySeq(x)]",
            "[A,2.00,2026-01-01 00:00:00.0,null,0.0,ArraySeq(x)]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          cast(null as string) k, X'0102' f | Missing value of k, which may not be null in the Avro schema
          'C' k, X'0102' f                  | Expected one of A, B for k, found "C"
          'A' k, X'01' f                    | Expected 2 bytes for f, found 1
          """)
  void aValueThatTheSchemaHasNoPlaceForIsTheRowsOwnFault(String columns, String sentence) {
    Schema schema =
        schema(
            "{'name': 'k', 'type': {'type': 'enum', 'name': 'K', 'symbols': ['A', 'B']}},"
                + " {'name': 'f', 'type': {'type': 'fixed', 'name': 'F', 'size': 2}}");

    assertThatThrownBy(() -> encoded(sql("select " + columns), schema))
        .isInstanceOf(UnfitValue.class)
        .hasMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          1 other        | {'name': 'id', 'type': 'int'}    | Missing column id: the Avro schema has a field of this name without a default. The columns are: other
          1 id, 2 other  | {'name': 'id', 'type': 'int'}    | Cannot write column other: the Avro schema has no field of this name. Leave it out in a sql step, or add it to the schema
          'a' id         | {'name': 'id', 'type': 'int'}    | Cannot write column id of type STRING as int of the Avro schema. Cast it in a sql step, or change the schema
          1L id          | {'name': 'id', 'type': 'int'}    | Cannot write column id of type BIGINT as int of the Avro schema. Cast it in a sql step, or change the schema
          1L at          | {'name': 'at', 'type': {'type': 'long', 'logicalType': 'timestamp-micros'}} | Cannot write column at of type BIGINT as long of timestamp-micros of the Avro schema. Cast it in a sql step, or change the schema
          1.5BD d        | {'name': 'd', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 9, 'scale': 2}} | Cannot write column d of type DECIMAL(2,1) as bytes of decimal of the Avro schema. Cast it in a sql step, or change the schema
          1 id           | {'name': 'id', 'type': ['int', 'string']} | Cannot write column id as the Avro union ["int","string"]: this is not supported yet. Use a type, or a union of null and a type
          """)
  void saysWhatDoesNotFitASchema(String columns, String fields, String sentence) {
    StructType rows = sql("select " + columns).schema();
    Schema schema = schema(fields);

    assertThatThrownBy(() -> new AvroRecord(rows, schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }
}
