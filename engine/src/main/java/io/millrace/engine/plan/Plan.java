package io.millrace.engine.plan;

import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A checked job: every kind resolved, every setting bound, sinks grouped into queries, nothing
 * started.
 *
 * @param ledger the name under which sinks remember what they have of this job
 * @param spark Spark settings of the job
 * @param checkpoint the folder of the job's checkpoints; each query has one below it
 * @param deadLetters where dead letters go; empty where the job drops them or has none
 * @param modes the output modes that the path of each sink allows, as far as they are known
 * @param audit what it does when the rows of a batch do not balance
 * @param engine what cuts its batches
 */
public record Plan(
    String job,
    String ledger,
    Map<String, String> spark,
    String checkpoint,
    List<Input> inputs,
    List<Stage> stages,
    List<Output> outputs,
    Optional<Output> deadLetters,
    List<Query> queries,
    Map<String, Set<Mode>> modes,
    Audit audit,
    Engine engine) {

  /** A plan of structured streaming. */
  public Plan(
      String job,
      String ledger,
      Map<String, String> spark,
      String checkpoint,
      List<Input> inputs,
      List<Stage> stages,
      List<Output> outputs,
      Optional<Output> deadLetters,
      List<Query> queries,
      Map<String, Set<Mode>> modes,
      Audit audit) {
    this(
        job,
        ledger,
        spark,
        checkpoint,
        inputs,
        stages,
        outputs,
        deadLetters,
        queries,
        modes,
        audit,
        new Engine.Structured());
  }

  /** What cuts the batches of a job. */
  public sealed interface Engine {
    record Structured() implements Engine {}

    /** All queries of the job get a batch at each tick of one clock. */
    record DStream(Duration every) implements Engine {}
  }

  /** What a job does when the rows of a batch do not balance. */
  public enum Audit {
    /** It stops. */
    STOP,
    /** It says so and goes on. */
    WARN
  }

  /**
   * A source as the steps see it: opened, decoded, with its watermark.
   *
   * @param watermark the watermark step that the source declares
   * @param table how it is a table; empty for a stream
   */
  public record Input(
      String name,
      Position at,
      Source source,
      Optional<Decoder> decoder,
      Optional<Step> watermark,
      Optional<StaticTable> table) {
    /** Whether it is a table and not a stream. */
    public boolean fixed() {
      return table.isPresent();
    }
  }

  /**
   * A step and what it reads.
   *
   * @param from names of inputs or stages
   * @param when a condition in SQL that rows meet before they reach the step
   */
  public record Stage(
      String name, Position at, Step step, List<String> from, Optional<String> when) {}

  /** A sink, what it reads and how it wants it. */
  public record Output(
      String name,
      Position at,
      Sink sink,
      String from,
      Optional<String> when,
      Writing how,
      Guarantee guarantee,
      Trigger trigger) {

    private Output inRealTime() {
      try {
        return new Output(name, at, sink.inRealTime(how), from, when, how, guarantee, trigger);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "Cannot run in real time: sink '" + name + "' " + e.getMessage(), e);
      }
    }

    /** The same, with another promise. */
    Output promising(UnaryOperator<Guarantee> other) {
      return new Output(name, at, sink, from, when, how, other.apply(guarantee), trigger);
    }
  }

  /** When a query starts a batch. */
  public sealed interface Trigger {
    record Every(Duration interval) implements Trigger {}

    record AvailableNow() implements Trigger {}

    /**
     * Rows are handed on one by one, as they come.
     *
     * @param batches how long a batch reads before its offsets are noted
     */
    record RealTime(Duration batches) implements Trigger {
      /** How long a batch reads where a job does not say it. */
      public static final Duration USUAL = Duration.ofMinutes(5);

      /** Shorter ones would be more pauses than work; Spark refuses them. */
      public static final Duration SHORTEST = Duration.ofSeconds(5);
    }
  }

  /**
   * Sinks that share one read.
   *
   * @param name of its checkpoint folder
   * @param root the last stateful step above its sinks, else the source
   * @param stateful whether it keeps state
   * @param outputs names of its sinks, in the order of the file; may be empty where it only writes
   *     dead letters
   * @param tags names of the sources and steps whose dead letters it writes; of a step with state
   *     these are its late rows
   */
  public record Query(
      String name,
      String root,
      boolean stateful,
      List<String> outputs,
      List<String> tags,
      Mode mode,
      Trigger trigger) {}

  /**
   * The same, where the sinks of a query take rows one by one.
   *
   * @throws IllegalArgumentException with a sentence, if one of them cannot
   */
  public Plan inRealTime(Query query) {
    return new Plan(
        job,
        ledger,
        spark,
        checkpoint,
        inputs,
        stages,
        outputs.stream()
            .map(output -> query.outputs().contains(output.name()) ? output.inRealTime() : output)
            .toList(),
        deadLetters.map(Output::inRealTime),
        queries,
        modes,
        audit,
        engine);
  }

  public Input input(String name) {
    return inputs.stream().filter(input -> input.name().equals(name)).findFirst().orElseThrow();
  }

  public Output output(String name) {
    return outputs.stream().filter(output -> output.name().equals(name)).findFirst().orElseThrow();
  }
}
