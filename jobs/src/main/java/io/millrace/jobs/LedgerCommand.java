package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Audit;
import io.millrace.engine.run.Ledgers;
import io.millrace.engine.spi.Held;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how far a job is, by its checkpoints and by its sinks. */
@Command(
    name = "ledger",
    description = {
      "Shows checkpoint and ledgers side by side: the last batch that each query has begun and"
          + " done, and the last one that each sink has; and where the accounts of batches are."
          + " Reads only, with the job running or stopped."
    },
    footer = {"", "Example:  spark-submit/millrace ledger conf/examples/jdbc.yaml"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class LedgerCommand implements Callable<Integer> {
  private static final String FORMAT = "%-20s %-20s %8s %8s %8s %8s %-26s %s%n";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A job file")
  private Path file;

  @Option(
      names = "--origins",
      description =
          "Also what the last batch of each sink comes from: where the sources stood, which plan"
              + " ran, a digest of the rows")
  private boolean origins;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = new JobFiles().plan(file, Analyzer.Run.STREAM).plan();
    List<Ledgers.Line> lines;
    List<Audit> audits;
    try (Session session = Session.start(plan.job(), plan.spark())) {
      lines = Ledgers.of(session.spark(), plan);
      audits = Audit.of(plan, session::spark);
    }
    out.printf(
        Locale.ROOT, FORMAT, "query", "sink", "begun", "done", "in sink", "epoch", "at", "verdict");
    for (Ledgers.Line line : lines) {
      out.printf(
          Locale.ROOT,
          FORMAT,
          line.query(),
          line.sink(),
          batch(line.begun()),
          batch(line.done()),
          line.held().map(held -> batch(held.batch())).orElse("-"),
          line.held().map(held -> Long.toString(held.epoch())).orElse("-"),
          line.held().flatMap(held -> held.at()).map(Object::toString).orElse("-"),
          line.verdict());
    }
    if (origins) {
      lines.forEach(line -> line.held().ifPresent(held -> print(line.sink(), held, out)));
    }
    audits.forEach(audit -> print(audit, out));
    out.println("Next: spark-submit/millrace run " + file);
    return Exit.DONE;
  }

  private static void print(Audit audit, PrintWriter out) {
    audit
        .sources()
        .forEach(
            source ->
                out.printf(Locale.ROOT, "query %s: %s%n", audit.query(), Sources.line(source)));
    audit.differences().forEach(difference -> out.println(difference));
  }

  private static void print(String sink, Held held, PrintWriter out) {
    held.origin()
        .ifPresent(
            origin ->
                out.printf(
                    Locale.ROOT,
                    "%s, batch %d: offsets %s, plan %s, digest %s%n",
                    sink,
                    held.batch(),
                    origin.offsets(),
                    origin.plan(),
                    origin.digest().map(Long::toHexString).orElse("-")));
  }

  private static String batch(long number) {
    return number < 0 ? "none" : Long.toString(number);
  }
}
