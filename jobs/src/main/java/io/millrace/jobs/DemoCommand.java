package io.millrace.jobs;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a whole job at work on a real broker and a real database. */
@Command(
    name = "demo",
    description = {
      "Starts Kafka and PostgreSQL, makes ad impressions and clicks, broken ones among them, trains"
          + " a model and runs conf/jobs/ad-clicks.yaml. At the end it counts: what was made, and"
          + " where every event went. Ctrl-C stops everything that it started."
    },
    footer = {
      "",
      "Example:  spark-submit/millrace demo",
      "          spark-submit/millrace demo --seconds 20 --rate 2000",
      "          spark-submit/millrace demo --crash",
      "          spark-submit/millrace demo --keep"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long events are made (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--rate",
      paramLabel = "EVENTS",
      defaultValue = "500",
      description = "Events per second (default: ${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--keep",
      description = "Go on afterwards until Ctrl-C, and say how to look inside")
  private boolean keep;

  @Option(
      names = "--crash",
      description =
          "Before that, run the job as a process of its own and end it by kill -9: twice in the"
              + " middle of a batch, once between the sink's commit and Spark's")
  private boolean crash;

  @Override
  public Integer call() throws InterruptedException {
    atLeastOne("--seconds", seconds);
    atLeastOne("--rate", rate);
    PrintWriter out = spec.commandLine().getOut();
    try (DemoRun run = new DemoRun(Home.folder(), rate, out)) {
      try {
        boolean balanced = run.play(Duration.ofSeconds(seconds), crash);
        if (keep) {
          run.goOn();
        }
        return end(balanced, out);
      } catch (RuntimeException e) {
        if (run.interrupted()) {
          return Exit.INTERRUPTED;
        }
        throw e;
      }
    }
  }

  private static int end(boolean balanced, PrintWriter out) {
    out.println(
        "Next: change conf/jobs/ad-clicks.yaml and run the demo again, or read a sink's page:");
    out.println("      spark-submit/millrace kinds jdbc");
    return balanced ? Exit.DONE : Exit.UNEQUAL;
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new WrongSurroundings("Expected " + option + " to be 1 or more, found " + value);
    }
  }
}
