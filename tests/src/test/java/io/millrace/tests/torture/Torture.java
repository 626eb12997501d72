package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Exit;
import io.millrace.tests.Tool;
import io.millrace.tests.simulation.Bug;
import io.millrace.tests.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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
      "Sinks: jdbc, delta, kafka, staged (jdbc as it writes on a cluster); all if left out."
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
  private static final int SHORT_SCHEDULES = 10_000;
  private static final int UNTIL_FOUND = 5_000;
  private static final List<Mode> SHORT_MODES = List.of(Mode.JDBC, Mode.KAFKA, Mode.DELTA);

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
          "A few kills, then batches that come again within one JVM, schedules of the simulation and"
              + " planted bugs: to see that all of it works")
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
    List<Mode> modes = modes();
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
    if (brief) {
      lines.addAll(schedules(chosen, SHORT_SCHEDULES));
    }
    Report.print(lines, System.out);
    if (lines.stream().allMatch(Line::held)) {
      lab.clean();
      return Exit.DONE;
    }
    System.out.println("The job's files and logs are left in " + lab.folder());
    return Exit.UNEQUAL;
  }

  private List<Mode> modes() {
    if (names.isEmpty()) {
      return brief ? SHORT_MODES : Arrays.asList(Mode.values());
    }
    return names.stream().map(Mode::of).distinct().toList();
  }

  /** Schedules of the simulation alone. */
  @Command(
      name = "schedules",
      description = {
        "Runs the rules of start and commit under so many schedules: several processes, halted and"
            + " killed at every step, lost answers, servers that restart, a checkpoint or a sink put"
            + " back. Then plants bugs, each of which has to be found."
      },
      mixinStandardHelpOptions = true)
  int schedules(
      @Option(
              names = "--count",
              defaultValue = "10000",
              description = "How many (${DEFAULT-VALUE})")
          int count,
      @Option(names = "--from", defaultValue = "1", description = "The first seed") long from,
      @Option(names = "--replay", description = "Shows the steps of the first one only")
          boolean replay) {
    if (replay) {
      System.out.println(Simulation.replay(from, Bug.NONE));
      return Exit.DONE;
    }
    List<Line> lines = schedules(from, count);
    Report.print(lines, System.out);
    return lines.stream().allMatch(Line::held) ? Exit.DONE : Exit.UNEQUAL;
  }

  /** Damaged checkpoints alone. */
  @Command(
      name = "damage",
      description = {
        "Damages files of a small job's checkpoint, one at a time: emptied, cut in half, one bit"
            + " turned round, removed, or swapped with another of their kind. Each time the job has to"
            + " deliver what it must, or to end and name the file."
      },
      mixinStandardHelpOptions = true)
  int damage(
      @Option(names = "--count", defaultValue = "50", description = "How many (${DEFAULT-VALUE})")
          int count,
      @Option(names = "--seed", defaultValue = "1", description = "Chooses files and damages")
          long seed)
      throws IOException {
    Random random = new Random(seed);
    Path folder = Folders.temporary("damage");
    Patient patient = new Patient(Sessions.spark(), folder);
    List<Path> files = patient.files();
    List<Damage> damages = List.of(Damage.values());
    Map<Patient.Verdict, Integer> verdicts = new EnumMap<>(Patient.Verdict.class);
    for (int trial = 0; trial < count; trial++) {
      Path file = files.get(random.nextInt(files.size()));
      Damage damage = damages.get(random.nextInt(damages.size()));
      Patient.Fate fate = patient.trial(file, damage);
      verdicts.merge(fate.verdict(), 1, Integer::sum);
      System.out.printf("%-8s %s %s  %s%n", fate.verdict(), file, damage.word(), fate.what());
    }
    System.out.println(verdicts);
    boolean held =
        !verdicts.containsKey(Patient.Verdict.WRONG)
            && !verdicts.containsKey(Patient.Verdict.UNCLEAR);
    if (held) {
      Folders.delete(folder);
    }
    return held ? Exit.DONE : Exit.UNEQUAL;
  }

  private static List<Line> schedules(long from, int count) {
    Tool.say("%,d schedules of the simulation, then planted bugs", count);
    long begin = System.nanoTime();
    Simulation.Result result = Simulation.run(from, count, Bug.NONE);
    List<Line> lines = new ArrayList<>();
    lines.add(Line.of(from, result, (System.nanoTime() - begin) / 1e9));
    for (Bug bug : EnumSet.complementOf(EnumSet.of(Bug.NONE))) {
      Simulation.Result found = Simulation.run(from, UNTIL_FOUND, bug);
      if (found.failing().isEmpty()) {
        lines.add(
            Line.broken(
                "schedules", from, List.of(), "The planted bug %s was not found".formatted(bug)));
      }
    }
    return lines;
  }

  private Line killed(Lab lab, List<Mode> modes, long chosen)
      throws IOException, InterruptedException {
    Trial trial = lab.trial("killed", Mode.job(modes));
    Campaign campaign =
        new Campaign(
            lab,
            trial,
            modes,
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
