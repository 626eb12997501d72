package io.millrace.engine.run;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Dropped;
import io.millrace.engine.spi.Tombstones;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Payloads to fields. A row that cannot be decoded stays, tagged with the reason. */
final class Decoding {
  private static final String DECODED = "_decoded";
  private static final String RULE = "rule";
  private static final Column PRESENT = col(Columns.RAW).isNotNull();
  private static final Column FIELDS = col(DECODED).getField("fields");
  private static final Column REASON = col(DECODED).getField("reason");

  private Decoding() {}

  /** The rows of an input as steps see them. */
  static Dataset<Row> decoded(Plan.Input input, Dataset<Row> raw) {
    return input
        .decoder()
        .map(decoder -> decode(input.name(), decoder.opened(), raw))
        .orElseGet(() -> named(input.name(), raw));
  }

  static Dataset<Row> decode(String source, Decoder decoder, Dataset<Row> rows) {
    List<Column> hidden = new ArrayList<>();
    if (Frames.has(rows, Columns.SOURCE)) {
      hidden.add(col(Columns.SOURCE));
    }
    Dataset<Row> payload =
        rows.select(with(hidden, col(Columns.VALUE).cast("binary").as(Columns.RAW)));
    hidden.add(col(Columns.RAW));

    Column decoded = decoder.decode(col(Columns.RAW));
    Dataset<Row> parsed =
        switch (decoder.tombstones()) {
          case DEAD_LETTER -> payload.select(with(hidden, decoded.as(DECODED)));
          case DROP -> present(payload).select(with(hidden, decoded.as(DECODED)));
          case KEEP -> payload.select(with(hidden, when(PRESENT, decoded).as(DECODED)));
        };

    List<Column> fields = new ArrayList<>();
    for (StructField field : decoder.schema().fields()) {
      fields.add(FIELDS.getField(field.name()).as(field.name()));
    }
    hidden.add(tag(source, decoder, rule(parsed)).as(Columns.DEAD));
    fields.addAll(hidden);
    return parsed.select(fields.toArray(Column[]::new));
  }

  /** Without payloads that are null, each of which is told as dropped. */
  private static Dataset<Row> present(Dataset<Row> payload) {
    Column dropped = Catalyst.column(Catalyst.call(new Dropped(), List.of()));
    return payload.where(when(PRESENT, true).otherwise(dropped));
  }

  /** Rows of a source that tags some by itself, which does not know how the job calls it. */
  static Dataset<Row> named(String source, Dataset<Row> rows) {
    if (!Frames.has(rows, Columns.DEAD)) {
      return rows;
    }
    Column dead = col(Columns.DEAD);
    Column named =
        struct(
            lit(source).as("source"),
            lit(source).as("step"),
            dead.getField("rule").as("rule"),
            dead.getField("reason").as("reason"));
    return rows.withColumn(Columns.DEAD, when(dead.isNotNull(), named));
  }

  private static Column rule(Dataset<Row> parsed) {
    StructType decoded = (StructType) parsed.schema().apply(DECODED).dataType();
    return Arrays.asList(decoded.fieldNames()).contains(RULE)
        ? col(DECODED).getField(RULE)
        : lit("decode");
  }

  private static Column tag(String source, Decoder decoder, Column rule) {
    Column dead = when(REASON.isNotNull(), dead(source, rule, REASON));
    List<StructField> required =
        Arrays.stream(decoder.schema().fields()).filter(field -> !field.nullable()).toList();
    if (required.isEmpty()) {
      return dead;
    }
    boolean kept = decoder.tombstones() == Tombstones.KEEP;
    Column missing = lit(false);
    List<Column> names = new ArrayList<>();
    for (StructField field : required) {
      Column absent = FIELDS.getField(field.name()).isNull();
      missing = missing.or(absent);
      names.add(when(absent, lit(field.name())));
    }
    Column sentence =
        concat(
            lit("Missing "),
            array_join(functions.array(names.toArray(Column[]::new)), ", "),
            lit(", declared as not null"));
    return dead.when(
        kept ? PRESENT.and(missing) : missing, dead(source, lit("not_null"), sentence));
  }

  private static Column dead(String source, Column rule, Column reason) {
    return struct(
        lit(source).as("source"), lit(source).as("step"), rule.as("rule"), reason.as("reason"));
  }

  private static Column[] with(List<Column> first, Column... more) {
    List<Column> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all.toArray(Column[]::new);
  }
}
