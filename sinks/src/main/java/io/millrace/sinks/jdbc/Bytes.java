package io.millrace.sinks.jdbc;

import java.util.Arrays;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Bytes in network order that grow as they are written. */
final class Bytes {
  private byte[] array;
  private int size;

  Bytes(int capacity) {
    this.array = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] array() {
    return array;
  }

  byte[] copy() {
    return Arrays.copyOf(array, size);
  }

  void clear() {
    size = 0;
  }

  /** Forgets what was written after a size. */
  void cut(int to) {
    size = to;
  }

  void putByte(int value) {
    room(1);
    array[size++] = (byte) value;
  }

  void putShort(int value) {
    room(2);
    array[size++] = (byte) (value >> 8);
    array[size++] = (byte) value;
  }

  void putInt(int value) {
    room(4);
    setInt(size, value);
    size += 4;
  }

  void putLong(long value) {
    putInt((int) (value >> 32));
    putInt((int) value);
  }

  void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, array, size, bytes.length);
    size += bytes.length;
  }

  void put(UTF8String text) {
    int length = text.numBytes();
    room(length);
    text.writeToMemory(array, Platform.BYTE_ARRAY_OFFSET + size);
    size += length;
  }

  /** Whether a byte is zero from a place on. */
  boolean hasZero(int from) {
    for (int at = from; at < size; at++) {
      if (array[at] == 0) {
        return true;
      }
    }
    return false;
  }

  /** Overwrites four bytes that were written before. */
  void setInt(int at, int value) {
    array[at] = (byte) (value >> 24);
    array[at + 1] = (byte) (value >> 16);
    array[at + 2] = (byte) (value >> 8);
    array[at + 3] = (byte) value;
  }

  private void room(int more) {
    if (size + more > array.length) {
      array = Arrays.copyOf(array, Math.max(size + more, array.length * 2));
    }
  }
}
