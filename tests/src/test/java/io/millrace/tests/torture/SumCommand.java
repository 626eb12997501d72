package io.millrace.tests.torture;

import io.millrace.jobs.Exit;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What all slices have reached. */
@Command(
    name = "sum",
    description = {
      "Adds up the results of a file that are of the present version of the delivery code, beside"
          + " the figures to reach. Ends with 5 if some are not reached, or something did not hold."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SumCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "Where results are kept")
  private Path results;

  @Override
  public Integer call() throws Exception {
    String version = DeliveryCode.version();
    Goals goals = Goals.of(results, version);
    System.out.println(goals.text(version));
    return goals.met() ? Exit.DONE : Exit.UNEQUAL;
  }
}
