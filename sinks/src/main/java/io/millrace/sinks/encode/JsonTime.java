package io.millrace.sinks.encode;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.Locale;
import org.apache.spark.sql.catalyst.util.DateFormatter;
import org.apache.spark.sql.catalyst.util.TimestampFormatter;

/**
 * Dates and times as Spark's {@code to_json} writes them: to the millisecond, and to the
 * microsecond where there is one.
 */
final class JsonTime {
  private static final long SECOND = 1_000_000;
  private static final long DAY = 86_400 * SECOND;
  private static final LocalDate EPOCH = LocalDate.EPOCH;
  private static final int FIRST = (int) LocalDate.of(0, 1, 1).toEpochDay();
  private static final int LAST = (int) LocalDate.of(9999, 12, 31).toEpochDay();

  private JsonTime() {}

  /** Dates, as days since 1970. */
  static JsonValue date() {
    DateFormatter rare = DateFormatter.apply();
    return (row, ordinal, out) -> {
      int days = row.getInt(ordinal);
      out.putByte('"');
      if (days < FIRST || days > LAST) {
        out.putAscii(rare.format(days));
      } else {
        date(days, out);
      }
      out.putByte('"');
    };
  }

  /** Points in time, as microseconds since 1970, told in a zone. */
  static JsonValue instant(ZoneId zone) {
    Rare rare = new Rare(zone, "[XXXXX]");
    ZoneRules rules = zone.getRules();
    int fixed = rules.isFixedOffset() ? rules.getOffset(Instant.EPOCH).getTotalSeconds() : 0;
    return (row, ordinal, out) -> {
      long micros = row.getLong(ordinal);
      int offset =
          rules.isFixedOffset()
              ? fixed
              : rules
                  .getOffset(Instant.ofEpochSecond(Math.floorDiv(micros, SECOND)))
                  .getTotalSeconds();
      long local = micros + offset * SECOND;
      out.putByte('"');
      if (usual(local)) {
        local(local, out);
        offset(offset, out);
      } else {
        out.putAscii(rare.of(micros));
      }
      out.putByte('"');
    };
  }

  /** Times without a zone, as microseconds since 1970. */
  static JsonValue local() {
    Rare rare = new Rare(ZoneOffset.UTC, "");
    return (row, ordinal, out) -> {
      long micros = row.getLong(ordinal);
      out.putByte('"');
      if (usual(micros)) {
        local(micros, out);
      } else {
        out.putAscii(rare.of(micros));
      }
      out.putByte('"');
    };
  }

  private static boolean usual(long micros) {
    return micros >= FIRST * DAY && micros < (LAST + 1L) * DAY;
  }

  private static void local(long micros, Bytes out) {
    date((int) Math.floorDiv(micros, DAY), out);
    long ofDay = Math.floorMod(micros, DAY);
    int seconds = (int) (ofDay / SECOND);
    int fraction = (int) (ofDay % SECOND);
    out.putByte('T');
    out.putDigits(seconds / 3600, 2);
    out.putByte(':');
    out.putDigits(seconds / 60 % 60, 2);
    out.putByte(':');
    out.putDigits(seconds % 60, 2);
    out.putByte('.');
    if (fraction % 1000 == 0) {
      out.putDigits(fraction / 1000, 3);
    } else {
      out.putDigits(fraction, 6);
    }
  }

  private static void date(int days, Bytes out) {
    LocalDate date = EPOCH.plusDays(days);
    out.putDigits(date.getYear(), 4);
    out.putByte('-');
    out.putDigits(date.getMonthValue(), 2);
    out.putByte('-');
    out.putDigits(date.getDayOfMonth(), 2);
  }

  /** Offsets had seconds in the past. */
  private static void offset(int seconds, Bytes out) {
    if (seconds == 0) {
      out.putByte('Z');
      return;
    }
    int magnitude = Math.abs(seconds);
    out.putByte(seconds < 0 ? '-' : '+');
    out.putDigits(magnitude / 3600, 2);
    out.putByte(':');
    out.putDigits(magnitude / 60 % 60, 2);
    if (magnitude % 60 != 0) {
      out.putByte(':');
      out.putDigits(magnitude % 60, 2);
    }
  }

  /** Times before the year 0 and behind 9999, by Spark's own code. */
  private record Rare(TimestampFormatter millis, TimestampFormatter micros) {
    Rare(ZoneId zone, String offset) {
      this(formatter("SSS" + "]" + offset, zone), formatter("SSSSSS" + "]" + offset, zone));
    }

    private static TimestampFormatter formatter(String rest, ZoneId zone) {
      return TimestampFormatter.apply(
          "yyyy-MM-dd'T'HH:mm:ss[." + rest, zone, Locale.US, null, false);
    }

    String of(long time) {
      return Math.floorMod(time, 1000) == 0 ? millis.format(time) : micros.format(time);
    }
  }
}
