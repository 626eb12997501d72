package io.millrace.engine.decode;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.TextFault;
import io.millrace.engine.spi.Tombstones;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One change of a row of a database, as Debezium writes it in JSON, with or without the schema
 * beside it. It gives the columns of the row: as it is after the change, or as it was where it is
 * deleted; then {@code operation} (insert, update or delete; a row of a snapshot is an insert),
 * {@code sequence}, and {@code changed_at}, when the database made the change.
 *
 * <p>A record without a value, the tombstone behind a delete, is no row. It is counted as dropped.
 */
public record DebeziumDecoder(Settings settings, StructType row) implements Decoder {
  static final StructType TOLD =
      new StructType()
          .add("operation", DataTypes.StringType)
          .add("sequence", DataTypes.LongType)
          .add("changed_at", DataTypes.TimestampType);

  private static final StructType SOURCE = new StructType().add("ts_ms", DataTypes.LongType);

  /** What it takes. */
  public record Settings(
      @Doc(
              "The columns of the table, as in create table. What is not null has to be there but in"
                  + " a delete. What is a timestamp, a date or a decimal is made of what the connector"
                  + " writes for it, by the schema beside a change, else by times and decimals; all"
                  + " else is as it stands in the JSON.")
          @Shorthand
          Optional<String> schema,
      @Doc("A file with the columns: .ddl or .sql, a JSON Schema .json, or Avro .avsc.")
          Optional<String> schemaFile,
      @Doc(
              "Where a change has the whole number that grows with each change of a row: source.lsn"
                  + " of PostgreSQL; where there is none, source.ts_ms, which changes within a"
                  + " millisecond share.")
          @Default("source.lsn")
          String sequence,
      @Doc(
              "What numbers for timestamp columns count since 1970, where no schema beside a change"
                  + " tells it. Left out, such a number is a dead letter; so is one whose time is"
                  + " neither of 1750 to 2200 nor of 9999-12-31, or that may be one of a coarser"
                  + " unit, as micros and nanos of 1968 to 1978 may.")
          Optional<Epoch> times,
      @Doc(
              "What texts for decimal columns are, as decimal.handling.mode of the connector says,"
                  + " where no schema beside a change tells it: precise is Base64 of the unscaled"
                  + " value, whose scale has to be that of the column, string the number. Left out,"
                  + " such a text is a dead letter.")
          Optional<Decimals> decimals) {
    public Settings {
      Schemas.requireOne(schema, schemaFile);
      if (!sequence.matches("(source\\.)?[A-Za-z_][A-Za-z0-9_]*")
          || List.of("before", "after", "op", "source", "payload", "schema").contains(sequence)) {
        throw new IllegalArgumentException(
            "Expected sequence to name a number beside the row, such as source.lsn, found "
                + sequence);
      }
    }
  }

  public DebeziumDecoder(Settings settings) {
    this(settings, Schemas.of(settings.schema(), settings.schemaFile()));
  }

  public DebeziumDecoder {
    for (StructField column : row.fields()) {
      if (List.of(TOLD.fieldNames()).contains(column.name().toLowerCase(Locale.ROOT))) {
        throw new TextFault(
            Schemas.TEXT,
            1,
            1,
            "Cannot read a column "
                + column.name()
                + ": a change has one of that name. Leave it out");
      }
      if (!ChangeValues.special(column.dataType())
          && column.dataType().existsRecursively(ChangeValues::special)) {
        throw new TextFault(
            Schemas.TEXT,
            1,
            1,
            "Cannot read times and decimals within "
                + column.name()
                + ". Declare it as string, and take it apart in a sql step");
      }
    }
  }

  @Override
  public StructType schema() {
    return told(row.asNullable());
  }

  /** The columns of a row, then what a change says of it. */
  static StructType told(StructType row) {
    StructType all = row;
    for (StructField field : TOLD.fields()) {
      all = all.add(field);
    }
    return all;
  }

  @Override
  public Tombstones tombstones() {
    return Tombstones.DROP;
  }

  @Override
  public Column decode(Column payload) {
    String zone = SQLConf.get().sessionLocalTimeZone();
    return Decode.decode(
        new DebeziumPayload(row, settings.sequence(), settings.times(), settings.decimals(), zone),
        payload);
  }

  /** The envelope around a row. */
  static StructType envelope(StructType row, String sequence) {
    StructType source = SOURCE;
    StructType envelope =
        new StructType()
            .add("before", row.asNullable())
            .add("after", row.asNullable())
            .add("op", DataTypes.StringType);
    String name = sequence.substring(sequence.indexOf('.') + 1);
    if (!sequence.startsWith("source.")) {
      envelope = envelope.add(name, DataTypes.LongType);
    } else if (!sequence.equals("source.ts_ms")) {
      source = source.add(name, DataTypes.LongType);
    }
    DataType known = source;
    return envelope.add("source", known);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
