package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Exit;
import io.millrace.tests.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Kills a job again and again, and accounts for every row afterwards. */
@Command(
    name = "torture",
    description = {
      "Runs a job as a process of its own, from Kafka to every sink named, kills it at seeded"
          + " random moments and starts it again on the same checkpoint, until all is delivered."
          + " Then every sink is read back and held against what the topic holds.",
      "Sinks: jdbc, delta; all if left out."
    },
    footer = {
      "",
      "Ends with 0 if no row is lost, duplicated or altered and no reader saw a part of a batch,"
          + " else with 5.",
      "",
      "Example:  spark-submit/millrace torture jdbc --kills 50 --json torture.jsonl"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class Torture implements Callable<Integer> {
  private static final int SHORT_KILLS = 2;
  private static final long SHORT_RECORDS = 8_000;
  private static final int SHORT_ROUNDS = 2;
  private static final long SHORT_REPLAYED = 2_000;

  @Parameters(paramLabel = "SINK", arity = "0..*", description = "What the job writes to")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--kills",
      defaultValue = "20",
      description = "How often the job is killed with SIGKILL (${DEFAULT-VALUE})")
  private int kills;

  @Option(
      names = "--records",
      defaultValue = "100000",
      description = "How many records the topic gets (${DEFAULT-VALUE})")
  private long records;

  @Option(
      names = "--seed",
      description = "Makes the same records and the same sequence of faults again")
  private Optional<Long> seed;

  @Option(
      names = "--minutes",
      defaultValue = "60",
      description = "After how long no further fault is begun (${DEFAULT-VALUE})")
  private int minutes;

  @Option(
      names = "--short",
      description =
          "A few kills, then batches that come again within one JVM: to see that all of it works")
  private boolean brief;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also add the result to this file, a line per job")
  private Optional<Path> json;

  /** Exits with 5 where a sink did not hold what it should. */
  public static void main(String[] arguments) {
    Tool.run("torture", new Torture(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Mode> modes =
        names.isEmpty()
            ? Arrays.asList(Mode.values())
            : names.stream().map(Mode::of).distinct().toList();
    if (kills < 1 || records < 1 || minutes < 1) {
      throw new IllegalArgumentException("Expected at least 1 kill, 1 record and 1 minute");
    }
    long chosen = seed.orElseGet(() -> new Random().nextLong(1_000_000_000));
    Tool.say("seed %d", chosen);
    List<Line> lines = new ArrayList<>();
    Lab lab = Lab.start();
    try (lab) {
      lines.add(kept(killed(lab, modes, chosen)));
      if (brief) {
        lines.add(kept(replayed(lab, modes, chosen)));
      }
    }
    Report.print(lines, System.out);
    if (lines.stream().allMatch(Line::held)) {
      lab.clean();
      return Exit.DONE;
    }
    System.out.println("The job's files and logs are left in " + lab.folder());
    return Exit.UNEQUAL;
  }

  private Line killed(Lab lab, List<Mode> modes, long chosen)
      throws IOException, InterruptedException {
    Trial trial = lab.trial("killed", Mode.job(modes));
    Campaign campaign =
        new Campaign(
            trial,
            trial.tables(modes),
            chosen,
            brief ? SHORT_KILLS : kills,
            brief ? SHORT_RECORDS : records,
            Duration.ofMinutes(minutes),
            fault -> Tool.say("%s", fault));
    try {
      return Line.of("kill", chosen, modes, campaign.run());
    } catch (Broken broken) {
      return Line.broken("kill", chosen, modes, String.valueOf(broken.getMessage()));
    }
  }

  private static Line replayed(Lab lab, List<Mode> modes, long chosen)
      throws IOException, InterruptedException {
    Tool.say("batches that come again, in one JVM");
    Trial trial = lab.trial("replayed", Mode.job(modes));
    Replays replays = new Replays(Sessions.spark(), trial, trial.tables(modes), Catalog.load());
    return Line.of("replay", chosen, modes, replays.run(chosen, SHORT_ROUNDS, SHORT_REPLAYED));
  }

  private Line kept(Line line) throws IOException {
    Tool.append(json, List.of(line.json()));
    return line;
  }
}
