package io.millrace.tests.torture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Another part of the long form. */
@Command(
    name = "slice",
    description = {
      "Does what is still missing to the figures that a version of the delivery code has to reach,"
          + " for as long as it may: jobs of one sink each, and damaged checkpoints. Each result is"
          + " a line of the file; runs add up, those of other versions do not count."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SliceCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "Where results are kept")
  private Path results;

  @Option(
      names = "--minutes",
      defaultValue = "35",
      description = "After how long no further fault is begun (${DEFAULT-VALUE})")
  private int minutes;

  @Option(names = "--seed", description = "Chooses faults and moments")
  private Optional<Long> seed;

  @Override
  public Integer call() throws Exception {
    long chosen = seed.orElseGet(() -> new Random().nextLong(1_000_000_000));
    List<Line> lines;
    Lab lab = Lab.start();
    try (lab) {
      lines = new Slice(results, chosen, Duration.ofMinutes(minutes)).run(lab);
    }
    int exit = Torture.ended(lab, lines);
    String version = DeliveryCode.version();
    System.out.println(Goals.of(results, version).text(version));
    return exit;
  }
}
