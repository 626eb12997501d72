package io.millrace.models.compiled;

import java.io.Serializable;
import java.util.Objects;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A column of the rows.
 *
 * @param ordinal its number among the columns of a row, from 0
 */
record Input(int ordinal, DataType type, Slot slot) implements Serializable {

  /** Takes a column of a row into its place. */
  @FunctionalInterface
  interface Reading {
    void read(InternalRow row, Cells cells);
  }

  /** What reads it, for one task. */
  Reading open() {
    return switch (slot.kind()) {
      case NUMBER -> number();
      case TEXT -> text();
      case WORDS -> there((row, cells) -> cells.words(slot, words(row.getArray(ordinal))));
      case VECTOR -> vector();
    };
  }

  private Reading there(Reading reading) {
    return (row, cells) -> {
      if (!row.isNullAt(ordinal)) {
        reading.read(row, cells);
      }
    };
  }

  private Reading number() {
    if (type instanceof DoubleType) {
      return there((row, cells) -> cells.number(slot, row.getDouble(ordinal)));
    }
    if (type instanceof FloatType) {
      return there((row, cells) -> cells.number(slot, row.getFloat(ordinal)));
    }
    if (type instanceof IntegerType) {
      return there((row, cells) -> cells.number(slot, row.getInt(ordinal)));
    }
    if (type instanceof LongType) {
      return there((row, cells) -> cells.number(slot, (double) row.getLong(ordinal)));
    }
    if (type instanceof BooleanType) {
      return there((row, cells) -> cells.number(slot, row.getBoolean(ordinal) ? 1 : 0));
    }
    Expression cast = cast(DataTypes.DoubleType);
    return there((row, cells) -> cells.number(slot, (Double) value(cast, row)));
  }

  private Reading text() {
    if (type instanceof StringType) {
      return there((row, cells) -> cells.text(slot, row.getUTF8String(ordinal).toString()));
    }
    Expression cast = cast(DataTypes.StringType);
    return there((row, cells) -> cells.text(slot, value(cast, row).toString()));
  }

  private Reading vector() {
    VectorUDT udt = (VectorUDT) SQLDataTypes.VectorType();
    int fields = udt.sqlType().length();
    return there(
        (row, cells) -> cells.vector(slot, udt.deserialize(row.getStruct(ordinal, fields))));
  }

  private Expression cast(DataType wanted) {
    return new Cast(
        new BoundReference(ordinal, type, true), wanted, Option.empty(), EvalMode.LEGACY());
  }

  private static Object value(Expression cast, InternalRow row) {
    return Objects.requireNonNull(cast.eval(row));
  }

  private static @Nullable String[] words(ArrayData array) {
    @Nullable String[] words = new String[array.numElements()];
    for (int i = 0; i < words.length; i++) {
      UTF8String word = array.isNullAt(i) ? null : array.getUTF8String(i);
      words[i] = word == null ? null : word.toString();
    }
    return words;
  }
}
