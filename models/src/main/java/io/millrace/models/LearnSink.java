package io.millrace.models;

import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Writing;
import io.millrace.models.online.Algorithm;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Learns from each batch once, and puts a version of what it learned in use after every so many of
 * them. What is learned and the number of the batch are kept in one file, added where none is.
 */
public record LearnSink(Settings settings) implements FencedSink {

  /** What a job file says. */
  public record Settings(
      @Doc("Folder of the model's versions; what is learned between them is kept there as well")
          String model,
      @Doc("How it learns") Algorithm algorithm,
      @Doc("Columns that it learns from, numbers or booleans") List<String> features,
      @Doc(
              "Column that it learns to tell: a number, or for logistic-regression 0 and 1 or a"
                  + " boolean")
          Optional<String> label,
      @Doc("After how many batches with rows a version is put in use") @Default("10")
          int publishEvery,
      @Doc(
              "How many of its versions are kept; older ones are removed, so that a batch that one"
                  + " of them scored cannot come again")
          @Default("100")
          int keep,
      @Doc(
              "What there is before the first batch: new has weights of zero or random centers,"
                  + " current the store's current version")
          @Default("new")
          Start start,
      @Doc("Seed of random centers") @Default("42") long seed)
      implements Serializable {
    public Settings {
      features = List.copyOf(features);
      List<String> wrong = new ArrayList<>();
      if (features.isEmpty()) {
        wrong.add("Missing features. Name the columns to learn from");
      }
      if (new HashSet<>(features).size() < features.size()) {
        wrong.add("Cannot use a column twice in features: " + String.join(", ", features));
      }
      if (label.filter(features::contains).isPresent()) {
        wrong.add("Cannot learn from the label " + label.get() + ". Take it out of features");
      }
      if (algorithm.labelled() && label.isEmpty()) {
        wrong.add("Missing label. Name the column that the model learns to tell");
      }
      if (!algorithm.labelled() && label.isPresent()) {
        wrong.add("Cannot use the label " + label.get() + " to find clusters. Leave it out");
      }
      if (publishEvery < 1) {
        wrong.add("Expected publish-every of 1 or more, found " + publishEvery);
      }
      if (keep < 2) {
        wrong.add("Expected keep of 2 or more, found " + keep);
      }
      if (!wrong.isEmpty()) {
        throw new IllegalArgumentException(String.join(". ", wrong));
      }
    }

    Task task() {
      if (!algorithm.labelled()) {
        return Task.CLUSTERING;
      }
      return algorithm.binary() ? Task.CLASSIFICATION : Task.REGRESSION;
    }
  }

  /** What there is before the first batch. */
  public enum Start {
    /** Weights of zero, or random centers. */
    NEW,
    /** What the store's current version has. */
    CURRENT
  }

  @Override
  public Guarantee guarantee(Writing how) {
    how.onlyAppends("what a model learned. Use write: append");
    if (how.mode() != Mode.APPEND) {
      throw new IllegalArgumentException(
          "Cannot learn from a result that changes: it would be learned from again each time. Use"
              + " mode: append");
    }
    return Storage.of(settings.model()).sure() ? Guarantee.EXACTLY_ONCE : Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public void check(SparkSession spark, Writing how, StructType rows) {
    LearnRows.check(settings, rows);
  }

  @Override
  public BatchFence start(SparkSession spark, Identity who, Writing how) {
    return new LearnFence(settings, spark, LearnLedger.of(settings.model(), who));
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return LearnLedger.of(settings.model(), who).tip().map(LearnLedger.Tip::held);
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    LearnFence.adopt(LearnLedger.of(settings.model(), who), batch);
  }
}
