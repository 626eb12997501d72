package io.millrace.models.compiled;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.Transformer;

/** Which stages of Spark's are known, and what makes plain ones of them. */
final class Stages {
  private static final List<Maker<?>> KNOWN =
      Stream.of(FeatureStages.KNOWN, Predictors.KNOWN).flatMap(List::stream).toList();

  private Stages() {}

  /** Makes a plain stage of one of Spark's. */
  @FunctionalInterface
  interface Compiler<T extends Transformer> {
    RowStage compile(T stage, Columns columns) throws Uncompiled;
  }

  /** What makes plain stages of those of one class. */
  record Maker<T extends Transformer>(Class<T> type, Compiler<T> compiler) {
    /** The plain stage, if the one of Spark's is of this very class. */
    Optional<RowStage> make(Transformer stage, Columns columns) throws Uncompiled {
      return stage.getClass() == type
          ? Optional.of(compiler.compile(type.cast(stage), columns))
          : Optional.empty();
    }
  }

  /** Whether stages of a class are known, by its name. */
  static boolean knows(String type) {
    return KNOWN.stream().anyMatch(maker -> maker.type().getName().equals(type));
  }

  static RowStage compile(Transformer stage, Columns columns) throws Uncompiled {
    for (Maker<?> maker : KNOWN) {
      Optional<RowStage> made = maker.make(stage, columns);
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw new Uncompiled("the stage " + stage.getClass().getSimpleName() + " is not known");
  }
}
