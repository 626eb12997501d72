package io.millrace.models.compiled;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import scala.reflect.ClassTag;

/** Holds compiled pipelines against Spark's own frames, row by row and bit by bit. */
final class Equality {
  /** How many rows a check is over; for long runs, {@code -Dmillrace.equality.rows=100000}. */
  static final int ROWS = Integer.getInteger("millrace.equality.rows", 2_000);

  /** A column of the rows that tells them apart. */
  static final String ID = "id";

  /** For so many kinds of reasons to refuse a row, it is checked of one that Spark does, too. */
  private static final int REFUSED = 8;

  private Equality() {}

  /**
   * What became of rows.
   *
   * @param refused those on which Spark stops, with what the compiled pipeline says of each
   */
  record Seen(long scored, long skipped, Map<Long, String> refused) {}

  /**
   * Scores rows both ways and compares all columns that the stages make.
   *
   * @param rows with a bigint column {@link #ID} that no two rows share
   */
  static Seen holds(PipelineModel model, Dataset<Row> rows) throws Uncompiled {
    Dataset<Row> kept = rows.cache();
    try {
      Program program = sent(Program.of(model, kept.schema()));
      Map<Long, Map<String, Object>> found = new HashMap<>();
      Map<Long, String> refused = new LinkedHashMap<>();
      long skipped = score(program, kept, found, refused);
      refuses(model, kept, refused);
      Dataset<Row> taken = kept.filter(not(refused));
      List<Row> expected = model.transform(taken).collectAsList();
      assertThat(found).hasSameSizeAs(expected);
      for (Row row : expected) {
        same(row, found.get(row.<Long>getAs(ID)));
      }
      return new Seen(expected.size(), skipped, refused);
    } finally {
      kept.unpersist();
    }
  }

  private static org.apache.spark.sql.Column not(Map<Long, String> refused) {
    return org.apache.spark.sql.functions.not(col(ID).isin(refused.keySet().toArray()));
  }

  private static long score(
      Program program,
      Dataset<Row> rows,
      Map<Long, Map<String, Object>> found,
      Map<Long, String> refused) {
    Scorer scorer = program.open();
    int id = rows.schema().fieldIndex(ID);
    long skipped = 0;
    for (InternalRow row : rows.queryExecution().executedPlan().executeCollect()) {
      try {
        if (scorer.score(row)) {
          found.put(row.getLong(id), columns(program, scorer.cells()));
        } else {
          skipped++;
        }
      } catch (RowFault fault) {
        refused.put(row.getLong(id), fault.reason());
      }
    }
    return skipped;
  }

  /** As it comes to a task. */
  private static Program sent(Program program) {
    ClassTag<Program> tag = ClassTag.apply(Program.class);
    SerializerInstance serializer = SparkEnv.get().closureSerializer().newInstance();
    return serializer.deserialize(serializer.serialize(program, tag), tag);
  }

  private static void refuses(PipelineModel model, Dataset<Row> rows, Map<Long, String> refused) {
    Map<String, Long> reasons = new LinkedHashMap<>();
    refused.forEach((id, reason) -> reasons.putIfAbsent(reason.replaceAll("[0-9.-]+", "n"), id));
    Object[] some = reasons.values().stream().limit(REFUSED).toArray();
    for (Row row : rows.filter(col(ID).isin(some)).collectAsList()) {
      Dataset<Row> alone = rows.sparkSession().createDataFrame(List.of(row), rows.schema());
      assertThatThrownBy(
              () -> model.transform(alone).collectAsList(),
              "%s, which the compiled pipeline refuses",
              row)
          .isNotNull();
    }
  }

  private static Map<String, Object> columns(Program program, Cells cells) {
    Map<String, Object> columns = new HashMap<>();
    program.columns().forEach((name, slot) -> columns.put(name, value(cells, slot)));
    return columns;
  }

  private static @Nullable Object value(Cells cells, Slot slot) {
    if (cells.isNull(slot)) {
      return null;
    }
    return switch (slot.kind()) {
      case NUMBER -> cells.number(slot);
      case TEXT -> cells.text(slot);
      case WORDS -> Arrays.asList(cells.words(slot));
      case VECTOR -> cells.vector(slot);
    };
  }

  private static void same(Row row, @Nullable Map<String, Object> found) {
    assertThat(found).as("row %s, which Spark scores", row).isNotNull();
    found.forEach(
        (name, value) ->
            assertThat(comparable(value))
                .as("%s of %s", name, row)
                .isEqualTo(comparable(row.get(row.fieldIndex(name)))));
  }

  /** A value bit by bit, and booleans as numbers. */
  private static @Nullable Object comparable(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return bits(truth ? 1 : 0);
    }
    if (value instanceof Number number) {
      return bits(number.doubleValue());
    }
    if (value instanceof Vector vector) {
      return bits(vector);
    }
    if (value instanceof scala.collection.Seq<?> words) {
      return new ArrayList<>(scala.jdk.javaapi.CollectionConverters.asJava(words));
    }
    return value;
  }

  private static List<Long> bits(double value) {
    return List.of(Double.doubleToLongBits(value));
  }

  /** Dense and sparse ones differ, for what is computed with them may. */
  private static List<Object> bits(Vector vector) {
    List<Object> bits = new ArrayList<>(List.of(vector.size()));
    if (vector instanceof SparseVector sparse) {
      Arrays.stream(sparse.indices()).forEach(bits::add);
      Arrays.stream(sparse.values()).forEach(value -> bits.add(Double.doubleToLongBits(value)));
    } else {
      bits.add("dense");
      Arrays.stream(((DenseVector) vector).values())
          .forEach(value -> bits.add(Double.doubleToLongBits(value)));
    }
    return bits;
  }
}
