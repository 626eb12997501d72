package io.millrace.sinks.encode;

import java.nio.charset.StandardCharsets;
import org.apache.spark.unsafe.types.UTF8String;

/** Strings in quotes, with what JSON wants escaped. */
final class JsonString {
  private static final byte[][] ESCAPES = new byte[128][];

  static {
    for (int control = 0; control < ' '; control++) {
      ESCAPES[control] = ascii("\\u%04X".formatted(control));
    }
    ESCAPES['\b'] = ascii("\\b");
    ESCAPES['\t'] = ascii("\\t");
    ESCAPES['\n'] = ascii("\\n");
    ESCAPES['\f'] = ascii("\\f");
    ESCAPES['\r'] = ascii("\\r");
    ESCAPES['"'] = ascii("\\\"");
    ESCAPES['\\'] = ascii("\\\\");
  }

  private JsonString() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Adds a text in quotes; bytes that are no UTF-8 become replacement characters. */
  static void write(UTF8String text, Bytes out) {
    out.putByte('"');
    int begin = out.size();
    out.put(text);
    if (unusual(out, begin)) {
      out.cut(begin);
      escaped(text.isValid() ? text : text.makeValid(), out);
    }
    out.putByte('"');
  }

  private static boolean unusual(Bytes out, int begin) {
    byte[] array = out.array();
    for (int at = begin; at < out.size(); at++) {
      int next = array[at];
      if (next < 0 || ESCAPES[next] != null) {
        return true;
      }
    }
    return false;
  }

  private static void escaped(UTF8String text, Bytes out) {
    for (byte next : text.getBytes()) {
      byte[] escape = next < 0 ? null : ESCAPES[next];
      if (escape == null) {
        out.putByte(next);
      } else {
        out.put(escape);
      }
    }
  }
}
