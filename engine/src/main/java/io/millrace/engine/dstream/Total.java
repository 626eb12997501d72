package io.millrace.engine.dstream;

import io.millrace.engine.spi.Carried;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.streaming.Time;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Function4;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction4;

/**
 * What is carried of one key.
 *
 * @param values one for each aggregate, null where no row had one
 * @param changed the time of the last batch that had a row of the key
 */
record Total(List<Object> values, long changed) implements Serializable {

  /** The next total of a key, or none if it is forgotten. */
  static final class Update
      extends AbstractFunction4<Time, List<Object>, Seq<List<Object>>, Option<Total>, Option<Total>>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final List<Carried.Fold> folds;
    private final long keep;

    private Update(List<Carried.Fold> folds, long keep) {
      this.folds = folds;
      this.keep = keep;
    }

    static Function4<Time, List<Object>, Seq<List<Object>>, Option<Total>, Option<Total>> of(
        Carried.Totals totals) {
      return new Update(
          totals.folds(), totals.keep().map(Duration::toMillis).orElse(Long.MAX_VALUE));
    }

    @Override
    public Option<Total> apply(
        Time time, List<Object> key, Seq<List<Object>> added, Option<Total> before) {
      long now = time.milliseconds();
      Option<Total> known =
          before.isEmpty() || now - before.get().changed >= keep ? Option.empty() : before;
      if (added.isEmpty()) {
        return known;
      }
      List<Object> values = known.isEmpty() ? List.of() : known.get().values;
      for (List<Object> more : CollectionConverters.asJava(added)) {
        values = values.isEmpty() ? more : folded(values, more);
      }
      return Option.apply(new Total(values, now));
    }

    private List<Object> folded(List<Object> values, List<Object> more) {
      List<Object> folded = new ArrayList<>();
      for (int i = 0; i < folds.size(); i++) {
        folded.add(fold(folds.get(i), values.get(i), more.get(i)));
      }
      return folded;
    }
  }

  /** Nulls do not count, as in SQL. */
  static @Nullable Object fold(Carried.Fold fold, @Nullable Object one, @Nullable Object other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return switch (fold) {
      case ADD -> sum(one, other);
      case LEAST -> compare(one, other) <= 0 ? one : other;
      case GREATEST -> compare(one, other) >= 0 ? one : other;
    };
  }

  private static Object sum(Object one, Object other) {
    if (one instanceof Long whole) {
      return Math.addExact(whole, (Long) other);
    }
    if (one instanceof BigDecimal decimal) {
      return decimal.add((BigDecimal) other);
    }
    return (Double) one + (Double) other;
  }

  /** In the order of Spark, where texts go by their bytes. */
  @SuppressWarnings("unchecked")
  private static int compare(Object one, Object other) {
    return one instanceof String text
        ? UTF8String.fromString(text).compareTo(UTF8String.fromString((String) other))
        : ((Comparable<Object>) one).compareTo(other);
  }
}
