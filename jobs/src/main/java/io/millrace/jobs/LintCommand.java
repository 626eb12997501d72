package io.millrace.jobs;

import io.millrace.engine.plan.PlanText;
import io.millrace.engine.spec.Findings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks job files without starting Spark. */
@Command(
    name = "lint",
    description = "Finds every mistake of job and training files. Starts no Spark session.",
    footer = {
      "",
      "Example:  spark-submit/millrace lint conf/jobs/ad-clicks.yaml",
      "Exit code 0 if all is well, 1 if a file has mistakes, 2 if one cannot be read."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class LintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files to check")
  private List<Path> files;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int exit = Exit.DONE;
    String next = "";
    for (Path file : files) {
      try {
        Findings findings = new Findings();
        JobFiles.Checked checked = new JobFiles().check(file, findings);
        findings.list().forEach(out::println);
        if (findings.isEmpty()) {
          out.println(file + "  is sound");
          next = next(checked, out) + file;
        } else {
          exit = Math.max(exit, Exit.WRONG_JOB);
        }
      } catch (WrongSurroundings e) {
        spec.commandLine().getErr().println("millrace lint: " + e.sentence());
        exit = Exit.WRONG_COMMAND;
      }
    }
    if (exit == Exit.DONE) {
      out.println("Next: spark-submit/millrace " + next);
    }
    return exit;
  }

  /** The command to go on with; what a job promises for each sink is printed. */
  private static String next(JobFiles.Checked checked, PrintWriter out) {
    if (checked instanceof JobFiles.Checked.Job job) {
      job.plan().ifPresent(plan -> out.print(PlanText.promises(plan)));
      return "plan ";
    }
    return "train ";
  }
}
