package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.PlanText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a job would do. */
@Command(
    name = "plan",
    description = "Shows the queries of a job, what they share and what each sink is promised.",
    footer = {"", "Example:  spark-submit/millrace plan conf/jobs/ad-clicks.yaml"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A job file")
  private Path file;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JobFiles.Planned planned = new JobFiles().plan(file, Analyzer.Run.STREAM);
    out.print(PlanText.of(planned.job(), planned.plan()));
    out.println();
    out.println("Next: spark-submit/millrace run " + file);
    return Exit.DONE;
  }
}
