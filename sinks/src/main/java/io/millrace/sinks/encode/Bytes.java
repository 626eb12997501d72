package io.millrace.sinks.encode;

import java.util.Arrays;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** A buffer of bytes that grows as it is written; numbers are in network order. */
public final class Bytes {
  private byte[] array;
  private int size;

  public Bytes(int capacity) {
    this.array = new byte[capacity];
  }

  public int size() {
    return size;
  }

  public byte[] array() {
    return array;
  }

  public byte[] copy() {
    return Arrays.copyOf(array, size);
  }

  public void clear() {
    size = 0;
  }

  /** Forgets what was written after a size. */
  public void cut(int to) {
    size = to;
  }

  public void putByte(int value) {
    room(1);
    array[size++] = (byte) value;
  }

  public void putShort(int value) {
    room(2);
    array[size++] = (byte) (value >> 8);
    array[size++] = (byte) value;
  }

  public void putInt(int value) {
    room(4);
    setInt(size, value);
    size += 4;
  }

  public void putLong(long value) {
    putInt((int) (value >> 32));
    putInt((int) value);
  }

  /** Adds a whole number as Avro has it: the smaller it is, the fewer bytes. */
  public void putZigzag(long value) {
    room(10);
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      array[size++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    array[size++] = (byte) rest;
  }

  /** Adds four bytes, the lowest first. */
  public void putLittleInt(int value) {
    putInt(Integer.reverseBytes(value));
  }

  /** Adds eight bytes, the lowest first. */
  public void putLittleLong(long value) {
    putLong(Long.reverseBytes(value));
  }

  public void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, array, size, bytes.length);
    size += bytes.length;
  }

  /** Adds bytes from where Spark keeps them. */
  public void put(Object base, long offset, int length) {
    room(length);
    Platform.copyMemory(base, offset, array, Platform.BYTE_ARRAY_OFFSET + size, length);
    size += length;
  }

  /** Adds a text of ASCII characters only. */
  @SuppressWarnings("deprecation")
  public void putAscii(String text) {
    int length = text.length();
    room(length);
    text.getBytes(0, length, array, size);
    size += length;
  }

  /** Adds a number of as many digits as are asked for, with leading zeros. */
  public void putDigits(int value, int digits) {
    room(digits);
    int rest = value;
    for (int at = size + digits - 1; at >= size; at--) {
      array[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += digits;
  }

  /** Adds a whole number as text. */
  public void putDecimal(long value) {
    if (value == Long.MIN_VALUE) {
      putAscii(Long.toString(value));
      return;
    }
    long rest = Math.abs(value);
    int digits = value < 0 ? 2 : 1;
    for (long left = rest; left >= 10; left /= 10) {
      digits++;
    }
    room(digits);
    for (int at = size + digits - 1; at > size; at--) {
      array[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    array[size] = (byte) (value < 0 ? '-' : '0' + rest);
    size += digits;
  }

  public void put(UTF8String text) {
    int length = text.numBytes();
    room(length);
    text.writeToMemory(array, Platform.BYTE_ARRAY_OFFSET + size);
    size += length;
  }

  /** Whether a byte is zero from a place on. */
  public boolean hasZero(int from) {
    for (int at = from; at < size; at++) {
      if (array[at] == 0) {
        return true;
      }
    }
    return false;
  }

  /** Overwrites four bytes that were written before. */
  public void setInt(int at, int value) {
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
