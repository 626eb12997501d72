package io.millrace.sinks.encode;

/** Numbers in JSON. What is no number to JSON is a string: NaN and the infinities. */
final class JsonNumber {
  private static final double SCALE = 10_000;

  private JsonNumber() {}

  /** Adds a double as {@link Double#toString} gives it. */
  static void write(double value, Bytes out) {
    double magnitude = Math.abs(value);
    if (magnitude >= 1e-3 && magnitude < 1e7) {
      long scaled = Math.round(value * SCALE);
      // A decimal of so few digits that reads back as the value is the shortest that does.
      if (scaled / SCALE == value) {
        decimal(scaled, out);
        return;
      }
    }
    text(Double.toString(value), Double.isFinite(value), out);
  }

  /** Adds a float as {@link Float#toString} gives it. */
  static void write(float value, Bytes out) {
    text(Float.toString(value), Float.isFinite(value), out);
  }

  private static void text(String text, boolean finite, Bytes out) {
    if (finite) {
      out.putAscii(text);
    } else {
      out.putByte('"');
      out.putAscii(text);
      out.putByte('"');
    }
  }

  /** Adds ten-thousandths, with one digit behind the point at least. */
  private static void decimal(long scaled, Bytes out) {
    long magnitude = Math.abs(scaled);
    int fraction = (int) (magnitude % 10_000);
    if (scaled < 0) {
      out.putByte('-');
    }
    out.putDecimal(magnitude / 10_000);
    out.putByte('.');
    int digits = 4;
    while (digits > 1 && fraction % 10 == 0) {
      fraction /= 10;
      digits--;
    }
    out.putDigits(fraction, digits);
  }
}
