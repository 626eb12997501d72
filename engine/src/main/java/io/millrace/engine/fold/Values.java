package io.millrace.engine.fold;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.LazilyGeneratedOrdering;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Some columns of a row that is told, by their numbers in it. */
public record Values(List<Integer> columns, StructType types) implements Serializable {
  /** Columns of a row that is told, by name. */
  public static Values of(StructType rows, List<String> names) {
    List<StructField> fields = names.stream().map(rows::apply).toList();
    return new Values(
        names.stream().map(rows::fieldIndex).toList(),
        new StructType(fields.toArray(StructField[]::new)));
  }

  public Values {
    columns = List.copyOf(columns);
  }

  int size() {
    return columns.size();
  }

  /** Them as columns of a row, or of the left one of a joined row. */
  private List<Expression> references() {
    return references(0);
  }

  private List<Expression> references(int behind) {
    return IntStream.range(0, size())
        .<Expression>mapToObj(
            i -> new BoundReference(behind + columns.get(i), types.apply(i).dataType(), true))
        .toList();
  }

  /** A row of them alone. */
  UnsafeProjection alone() {
    return projection(references());
  }

  /**
   * A row of them, then of some columns of the right one of a joined row.
   *
   * @param width how many columns the left one has
   */
  UnsafeProjection beside(int width, Values right) {
    List<Expression> all = new ArrayList<>(references());
    all.addAll(right.references(width));
    return projection(all);
  }

  /**
   * A row of them, then all columns of the right one of a joined row.
   *
   * @param width how many columns the left one has
   */
  UnsafeProjection before(int width, StructType right) {
    List<Expression> all = new ArrayList<>(references());
    for (int i = 0; i < right.length(); i++) {
      all.add(new BoundReference(width + i, right.apply(i).dataType(), true));
    }
    return projection(all);
  }

  /** Rows by some order of their columns. */
  static Comparator<UnsafeRow> comparator(List<SortOrder> order) {
    LazilyGeneratedOrdering columns =
        new LazilyGeneratedOrdering(CollectionConverters.asScala(order).toSeq());
    return columns::compare;
  }

  static UnsafeProjection projection(List<Expression> expressions) {
    return UnsafeProjection.create(CollectionConverters.asScala(expressions).toSeq());
  }

  /** A row from its bytes. */
  static UnsafeRow row(byte[] bytes, int width) {
    UnsafeRow row = new UnsafeRow(width);
    row.pointTo(bytes, bytes.length);
    return row;
  }

  /** Rows one behind the other, behind some bytes of another sort. */
  static byte[] packed(byte[] head, Collection<UnsafeRow> rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head);
    for (UnsafeRow row : rows) {
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(row.getSizeInBytes()).array());
      bytes.writeBytes(row.getBytes());
    }
    return bytes.toByteArray();
  }

  /** The rows that are left in a buffer. */
  static List<UnsafeRow> rows(ByteBuffer buffer, int width) {
    List<UnsafeRow> rows = new ArrayList<>();
    while (buffer.hasRemaining()) {
      byte[] row = new byte[buffer.getInt()];
      buffer.get(row);
      rows.add(row(row, width));
    }
    return rows;
  }
}
