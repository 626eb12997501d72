package io.millrace.models.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one message in the wire format of Protocol Buffers, one after the other: {@link
 * #next()}, then what the field is worth. Every field is read or skipped within its bounds.
 */
final class Wire {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer bytes;
  private int field;
  private long number;
  private ByteBuffer content;

  Wire(byte[] message) {
    this(ByteBuffer.wrap(message));
  }

  private Wire(ByteBuffer message) {
    this.bytes = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.content = this.bytes.slice(0, 0);
  }

  /** Goes to the next field; false if there is none. */
  boolean next() {
    if (!bytes.hasRemaining()) {
      return false;
    }
    long tag = varint();
    if (tag >>> Integer.SIZE != 0) {
      throw broken();
    }
    field = (int) (tag >>> 3);
    number = 0;
    content = bytes.slice(0, 0);
    switch ((int) (tag & 7)) {
      case VARINT -> number = varint();
      case FIXED64 -> skip(Long.BYTES);
      case BYTES -> content = skip(varint());
      case FIXED32 -> skip(Integer.BYTES);
      default -> throw broken();
    }
    return true;
  }

  /** The number of the field. */
  int field() {
    return field;
  }

  /** Its value, if it is a whole number; else 0. */
  long number() {
    return number;
  }

  /** Its value, if it is a text; else empty. */
  String text() {
    return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
  }

  /** Its fields, if it is a message; else none. */
  Wire message() {
    return new Wire(content);
  }

  private ByteBuffer skip(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw broken();
    }
    ByteBuffer skipped = bytes.slice(bytes.position(), (int) length);
    bytes.position(bytes.position() + (int) length);
    return skipped;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!bytes.hasRemaining()) {
        throw broken();
      }
      byte next = bytes.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw broken();
  }

  private static IllegalArgumentException broken() {
    return new IllegalArgumentException("Cannot read the model: it is no ONNX file");
  }
}
