package io.millrace.engine.run;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Letters that were set aside, as the rows that were refused. */
sealed interface Redriven extends Source {
  /** Where the letters are: of each row one, and those that came for it again marked. */
  String folder();

  /** The columns of the rows. */
  StructType columns();

  Dataset<Row> rows(Dataset<Row> letters);

  @Override
  default Dataset<Row> open(SparkSession spark) {
    return rows(spark.readStream().schema(DeadLetters.ASIDE).parquet(folder()).where("not again"));
  }

  @Override
  default Dataset<Row> read(SparkSession spark) {
    return rows(spark.read().schema(DeadLetters.ASIDE).parquet(folder()).where("not again"));
  }

  @Override
  default Optional<StructType> schema() {
    return Optional.of(columns());
  }

  /**
   * As a source handed them out: payload, key and coordinates. What a letter does not keep, such as
   * headers, is null.
   *
   * @param name of the source
   */
  record AsRead(String folder, StructType columns, String name) implements Redriven {
    @Override
    public Dataset<Row> rows(Dataset<Row> letters) {
      List<Column> all = new ArrayList<>();
      for (StructField field : columns.fields()) {
        all.add(column(field).as(field.name()));
      }
      return letters.where(col("source").equalTo(name)).select(all.toArray(Column[]::new));
    }

    private Column column(StructField field) {
      return switch (field.name()) {
        case Columns.VALUE -> col("raw").cast(field.dataType());
        case "key" -> col("key").cast(field.dataType());
        case Columns.SOURCE -> source((StructType) field.dataType());
        default -> coordinate(field.name(), field.dataType());
      };
    }

    private Column source(StructType fields) {
      return struct(
          Arrays.stream(fields.fields())
              .map(
                  field ->
                      (field.name().equals("key")
                              ? col("key").cast(field.dataType())
                              : coordinate(field.name(), field.dataType()))
                          .as(field.name()))
              .toArray(Column[]::new));
    }

    private Column coordinate(String name, DataType type) {
      boolean known =
          Arrays.asList(columns.fieldNames()).contains(Columns.SOURCE)
              && columns.apply(Columns.SOURCE).dataType() instanceof StructType fields
              && Arrays.asList(fields.fieldNames()).contains(name);
      return known
          ? from_json(col("coordinates"), new StructType().add(name, type)).getField(name)
          : lit(null).cast(type);
    }
  }

  /** As a sink was given them. */
  record AsWritten(String folder, StructType columns) implements Redriven {
    private static final String ROW = "_row";

    @Override
    public Dataset<Row> rows(Dataset<Row> letters) {
      Column text = coalesce(col("row"), col("raw").cast("string"));
      Column row = from_json(text, columns, Map.of("mode", "FAILFAST"));
      return letters.select(row.as(ROW)).select(ROW + ".*");
    }
  }
}
