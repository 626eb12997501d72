package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/** Rows one behind another as they came, for the case that they have to be looked at again. */
final class KeptRows {
  private final StructType columns;
  private final Bytes bytes;
  private @Nullable UnsafeProjection projection;

  KeptRows(StructType columns) {
    this(columns, new Bytes(1 << 10));
  }

  private KeptRows(StructType columns, Bytes bytes) {
    this.columns = columns;
    this.bytes = bytes;
  }

  /** Those that travelled as bytes. */
  static KeptRows of(StructType columns, byte[] bytes) {
    Bytes all = new Bytes(bytes.length);
    all.put(bytes);
    return new KeptRows(columns, all);
  }

  /** None so far, with room for as many as there are here. */
  KeptRows next() {
    return new KeptRows(columns, new Bytes(bytes.size() + (bytes.size() >> 3) + (1 << 10)));
  }

  /**
   * A row of a task.
   *
   * @param number its place in the task
   */
  record Row(InternalRow columns, long number) {}

  void add(InternalRow row, long number) {
    UnsafeRow unsafe = row instanceof UnsafeRow same ? same : projected(row);
    bytes.putLong(number);
    bytes.putInt(unsafe.getSizeInBytes());
    bytes.put(unsafe.getBaseObject(), unsafe.getBaseOffset(), unsafe.getSizeInBytes());
  }

  private UnsafeRow projected(InternalRow row) {
    UnsafeProjection known = projection;
    if (known == null) {
      known = UnsafeProjection.create(columns);
      projection = known;
    }
    return known.apply(row);
  }

  int size() {
    return bytes.size();
  }

  void clear() {
    bytes.clear();
  }

  byte[] copy() {
    return bytes.copy();
  }

  /** All of them, in the order in which they came. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    byte[] array = bytes.array();
    int at = 0;
    while (at < bytes.size()) {
      long number = (long) integer(array, at) << 32 | (integer(array, at + 4) & 0xffffffffL);
      int length = integer(array, at + 8);
      UnsafeRow row = new UnsafeRow(columns.length());
      row.pointTo(
          Arrays.copyOfRange(array, at + 12, at + 12 + length), Platform.BYTE_ARRAY_OFFSET, length);
      rows.add(new Row(row, number));
      at += 12 + length;
    }
    return rows;
  }

  private static int integer(byte[] array, int at) {
    return (array[at] & 0xff) << 24
        | (array[at + 1] & 0xff) << 16
        | (array[at + 2] & 0xff) << 8
        | (array[at + 3] & 0xff);
  }
}
