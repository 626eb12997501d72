package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Fencing;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.RowSink;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** How fences begin and end, whichever kind of sink they are of. */
final class Fences {
  private Fences() {}

  /** What starts the fence of an output's sink; empty where the sink has none. */
  static Optional<Supplier<Fencing>> of(
      SparkSession spark, Plan.Output output, Identity who, StructType rows) {
    if (output.sink() instanceof RowSink<?> sink) {
      return Optional.of(() -> sink.start(who, output.how(), rows));
    }
    return output.sink() instanceof FencedSink sink
        ? Optional.of(() -> sink.start(spark, who, output.how()))
        : Optional.empty();
  }

  /** Those of row sinks, in the same order. */
  static Map<String, Fence<?>> ofRows(Map<String, ? extends Fencing> fences) {
    Map<String, Fence<?>> rows = new LinkedHashMap<>();
    fences.forEach(
        (sink, fence) -> {
          if (fence instanceof Fence<?> ofRows) {
            rows.put(sink, ofRows);
          }
        });
    return rows;
  }

  /** Those that hold something to the end. */
  static List<AutoCloseable> open(Collection<? extends Fencing> fences) {
    return fences.stream()
        .filter(AutoCloseable.class::isInstance)
        .map(AutoCloseable.class::cast)
        .toList();
  }
}
