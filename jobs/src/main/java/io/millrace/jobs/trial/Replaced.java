package io.millrace.jobs.trial;

import io.millrace.engine.spec.DeadLetterSpec;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.PartSpec;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.Optional;

/** A job of which only the tests run: sinks that cannot be known here are in memory. */
public final class Replaced {
  private static final String MEMORY = "memory";

  private Replaced() {}

  /** The job, where each sink whose settings are not all known keeps rows in memory. */
  public static JobSpec of(JobSpec job) {
    return new JobSpec(
        job.name(),
        job.folder(),
        job.about(),
        job.spark(),
        job.checkpoint(),
        job.engine(),
        job.audit(),
        job.sources(),
        job.steps(),
        job.deadLetters().map(Replaced::letters),
        job.sinks().stream().map(Replaced::sink).toList(),
        job.tests());
  }

  private static DeadLetterSpec letters(DeadLetterSpec letters) {
    return new DeadLetterSpec(
        letters.at(),
        letters
            .part()
            .map(part -> unknown(part.settings()) ? memory("dead_letters", part.at()) : part),
        letters.trigger(),
        letters.limit());
  }

  private static SinkSpec sink(SinkSpec sink) {
    return unknown(sink.part().settings())
        ? new SinkSpec(
            sink.name(),
            memory(sink.name().text(), sink.part().at()),
            sink.from(),
            sink.when(),
            sink.mode(),
            Optional.empty(),
            Optional.empty(),
            sink.trigger())
        : sink;
  }

  /** The part that keeps rows in memory. */
  static PartSpec memory(String name, Position at) {
    return new PartSpec(MEMORY, at, new Leaf(at, name, name, Tree.Type.TEXT, at));
  }

  private static boolean unknown(Tree settings) {
    if (settings instanceof Fields fields) {
      return fields.fields().values().stream().anyMatch(field -> unknown(field.value()));
    }
    if (settings instanceof Items items) {
      return items.items().stream().anyMatch(Replaced::unknown);
    }
    return settings instanceof Leaf leaf && leaf.type() == Tree.Type.UNSET;
  }
}
