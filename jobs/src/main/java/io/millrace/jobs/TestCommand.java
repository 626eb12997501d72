package io.millrace.jobs;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.TestSpec;
import io.millrace.jobs.trial.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the tests that job files hold. */
@Command(
    name = "test",
    description = {
      "Runs the tests of job files: given rows in place of their sources, batch by batch, and what"
          + " comes of them at sinks, steps and dead letters. Reads and writes nothing outside, so"
          + " variables that only sources and sinks name need not be set."
    },
    footer = {
      "",
      "Example:  spark-submit/millrace test conf/examples/join.yaml",
      "Exit code 0 if all tests hold, 5 if one does not, 1 if a file has mistakes."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class TestCommand implements Callable<Integer> {
  private static final double NANOS = 1e9;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Job files with tests")
  private List<Path> files;

  private int held;
  private int failed;

  @Override
  public Integer call() throws IOException {
    List<JobFiles.Planned> jobs = new ArrayList<>();
    for (Path file : files) {
      jobs.add(new JobFiles().tested(file));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Session session = Session.start("millrace-test", Map.of())) {
      Trial trial = new Trial(session.spark(), Catalog.load());
      for (int at = 0; at < files.size(); at++) {
        out.println(files.get(at));
        for (TestSpec test : jobs.get(at).job().tests()) {
          run(trial, jobs.get(at), test, out);
        }
        if (jobs.get(at).job().tests().isEmpty()) {
          out.println("  has no tests. Write tests: [{name: …, given: […], expect: {…}}]");
        }
      }
    }
    out.printf("%d held, %d did not%n", held, failed);
    return failed == 0 ? Exit.DONE : Exit.UNEQUAL;
  }

  private void run(Trial trial, JobFiles.Planned job, TestSpec test, PrintWriter out)
      throws IOException {
    Path folder = Files.createTempDirectory("millrace-test");
    long begun = System.nanoTime();
    List<String> differences;
    try {
      differences = trial.run(job.job(), job.plan(), test, folder);
    } catch (InvalidJobException e) {
      differences = e.findings().stream().map(Object::toString).toList();
    } catch (JobFailedException e) {
      differences = List.of(String.valueOf(e.getMessage()));
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
    if (differences.isEmpty()) {
      held++;
      out.printf("  holds (%.1f s)  %s%n", (System.nanoTime() - begun) / NANOS, test.name());
    } else {
      failed++;
      out.printf("  DOES NOT HOLD  %s  %s%n", test.name(), test.name().at());
      differences.forEach(line -> out.println("    " + line));
    }
    out.flush();
  }
}
