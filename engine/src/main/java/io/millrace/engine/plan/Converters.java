package io.millrace.engine.plan;

import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Leaf;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Size;
import java.math.BigInteger;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text of a job file to values; what does not fit is an exception whose message is the finding. */
final class Converters {
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})(B|KB|MB|GB|TB)");

  private Converters() {}

  /**
   * The value of a leaf.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  static Object convert(Shape.Scalar scalar, Leaf leaf) {
    if (leaf.type() == Tree.Type.NOTHING) {
      throw unfit(scalar.words(), leaf);
    }
    return leaf.type() == Tree.Type.UNSET ? any(scalar, leaf) : value(scalar, leaf);
  }

  /** A value that most settings take; a text is read as a name, a path and an address. */
  private static Object any(Shape.Scalar scalar, Leaf leaf) {
    return switch (scalar) {
      case TEXT -> "http://variable-not-set";
      case INT -> 1;
      case LONG -> 1L;
      case DECIMAL -> 1.0;
      case TRUTH -> false;
      case DURATION -> Duration.ofSeconds(1);
      case SIZE -> new Size(1);
      case SECRET -> Secret.of(leaf.written());
    };
  }

  private static Object value(Shape.Scalar scalar, Leaf leaf) {
    return switch (scalar) {
      case TEXT -> leaf.text();
      case INT -> (int) whole(leaf, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG -> whole(leaf, Long.MIN_VALUE, Long.MAX_VALUE);
      case DECIMAL -> decimal(leaf);
      case TRUTH -> truth(leaf);
      case DURATION -> duration(leaf);
      case SIZE -> size(leaf);
      case SECRET -> Secret.of(leaf.written());
    };
  }

  private static long whole(Leaf leaf, long least, long most) {
    BigInteger number = integer(leaf);
    if (number.compareTo(BigInteger.valueOf(least)) < 0
        || number.compareTo(BigInteger.valueOf(most)) > 0) {
      throw unfit("a whole number from " + least + " to " + most, leaf);
    }
    return number.longValue();
  }

  private static BigInteger integer(Leaf leaf) {
    String text = leaf.text();
    try {
      if (leaf.type() == Tree.Type.WHOLE && text.startsWith("0x")) {
        return new BigInteger(text.substring(2), 16);
      }
      if (leaf.type() == Tree.Type.WHOLE && text.startsWith("0o")) {
        return new BigInteger(text.substring(2), 8);
      }
    } catch (NumberFormatException e) {
      throw unfit(Shape.Scalar.LONG.words(), leaf);
    }
    if (!WHOLE.matcher(text).matches()) {
      throw unfit(Shape.Scalar.LONG.words(), leaf);
    }
    return new BigInteger(text);
  }

  private static double decimal(Leaf leaf) {
    if (!DECIMAL.matcher(leaf.text()).matches()
        || Double.isInfinite(Double.parseDouble(leaf.text()))) {
      throw unfit(Shape.Scalar.DECIMAL.words(), leaf);
    }
    return Double.parseDouble(leaf.text());
  }

  private static boolean truth(Leaf leaf) {
    return switch (leaf.text().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw unfit(Shape.Scalar.TRUTH.words(), leaf);
    };
  }

  private static Duration duration(Leaf leaf) {
    Matcher matcher = DURATION.matcher(leaf.text());
    if (!matcher.matches()) {
      throw unfit(Shape.Scalar.DURATION.words(), leaf);
    }
    try {
      long whole = Math.multiplyExact(amount(matcher), millis(matcher.group(2)));
      // Spark counts in microseconds.
      return Duration.of(Math.multiplyExact(whole, 1_000), ChronoUnit.MICROS);
    } catch (ArithmeticException e) {
      throw unfit("a shorter duration, such as 30s", leaf);
    }
  }

  private static long millis(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> 86_400_000;
    };
  }

  private static Size size(Leaf leaf) {
    Matcher matcher = SIZE.matcher(leaf.text());
    if (!matcher.matches()) {
      throw unfit(Shape.Scalar.SIZE.words(), leaf);
    }
    try {
      return new Size(Math.multiplyExact(amount(matcher), bytes(matcher.group(2))));
    } catch (ArithmeticException e) {
      throw unfit("a smaller size, such as 64MB", leaf);
    }
  }

  private static long bytes(String unit) {
    return 1L << (10 * "BKMGT".indexOf(unit.charAt(0)));
  }

  private static long amount(Matcher matcher) {
    return Long.parseLong(matcher.group(1));
  }

  private static IllegalArgumentException unfit(String what, Tree found) {
    return new IllegalArgumentException(expected(what, found));
  }

  /** The sentence for something else than what is expected. */
  static String expected(String what, Tree found) {
    return "Expected " + what + ", found " + shown(found);
  }

  /** What stands there, for a message. What comes from a file may be secret and is not shown. */
  private static String shown(Tree tree) {
    if (tree instanceof Leaf leaf) {
      return leaf.type() == Tree.Type.NOTHING ? "nothing" : shown(leaf);
    }
    return tree instanceof Tree.Items ? "a list" : "a map";
  }

  private static String shown(Leaf leaf) {
    if (leaf.written().contains("${file:")) {
      return leaf.written();
    }
    boolean plain = !leaf.written().contains("${");
    return "'" + leaf.text() + "'" + (plain ? "" : " from " + leaf.written());
  }
}
