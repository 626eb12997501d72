package io.millrace.tests.torture;

import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Exit;
import io.millrace.tests.Tool;
import io.millrace.tests.simulation.Bug;
import io.millrace.tests.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
      "Sinks: jdbc, delta, kafka, staged (jdbc as it writes on a cluster); all if left out."
    },
    footer = {
      "",
      "Ends with 0 if no row is lost, duplicated or altered and no reader saw a part of a batch,"
          + " else with 5.",
      "",
      "Example:  spark-submit/millrace torture jdbc --kills 50 --json torture.jsonl"
    },
    subcommands = {SliceCommand.class, SumCommand.class},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class Torture implements Callable<Integer> {
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
      names = "--plan",
      paramLabel = "FAULT=N,...",
      description = {
        "What is done how often, in place of --kills and some of each: kill, kill_early,"
            + " kill_ahead, pause, second_start, term, broker, database, lost_answer,"
            + " half_open_database, half_open_broker, disk_full (on Linux as root, which mounts a"
            + " small disk for it)"
      })
  private Optional<String> plan;

  @Option(
      names = "--short",
      description =
          "6 kills, every failpoint once per sink within one JVM, schedules of the simulation and"
              + " planted bugs: to see within minutes that all of it works")
  private boolean brief;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also add the result to this file, a line per job")
  private Optional<Path> json;

  /** Exits with 5 where a sink did not hold what it should. */
  public static void main(String[] arguments) {
    ShortForm.arm();
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
      if (brief) {
        lines.addAll(new ShortForm(chosen).run(lab));
      } else {
        lines.add(killed(lab, modes, chosen));
      }
    }
    Tool.append(json, lines.stream().map(Line::json).toList());
    return ended(lab, lines);
  }

  private List<Mode> modes() {
    if (names.isEmpty()) {
      return Mode.WHOLE;
    }
    return names.stream().map(Mode::of).distinct().toList();
  }

  /** Schedules of the simulation alone. */
  @Command(
      name = "schedules",
      description = {
        "Runs the rules of start and commit under so many schedules: several processes, halted and"
            + " killed at every step, lost answers, servers that restart, a checkpoint or a sink"
            + " put back. Then plants bugs, each of which has to be found."
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
    List<Line> lines = ShortForm.schedules(from, count);
    Report.print(lines, System.out);
    return lines.stream().allMatch(Line::held) ? Exit.DONE : Exit.UNEQUAL;
  }

  /** Failpoints alone. */
  @Command(
      name = "failpoints",
      description = {
        "Lets a job fail at every failpoint of every sink, one after another within this JVM, and"
            + " start again; dead letters and their drive too."
      },
      mixinStandardHelpOptions = true)
  int failpoints(
      @Parameters(
              paramLabel = "SINK",
              arity = "0..*",
              description = "What the job writes to: those above, files or redis; all if left out")
          List<String> sinks,
      @Option(names = "--seed", defaultValue = "1", description = "Makes the records") long from)
      throws IOException, InterruptedException {
    List<Line> lines;
    Lab lab = Lab.start();
    try (lab) {
      List<Mode> all = List.of(Mode.values());
      lines =
          new ShortForm(from)
              .failpoints(
                  lab,
                  sinks == null ? all : sinks.stream().map(word -> Mode.of(word, all)).toList());
    }
    return ended(lab, lines);
  }

  /** Prints the results; the exit code for them. */
  static int ended(Lab lab, List<Line> lines) {
    Report.print(lines, System.out);
    if (lines.stream().allMatch(Line::held)) {
      lab.clean();
      return Exit.DONE;
    }
    System.out.println("The job's files and logs are left in " + lab.folder());
    return Exit.UNEQUAL;
  }

  /** Ledgers and checkpoints that are put back. */
  @Command(
      name = "rollbacks",
      description = {
        "Puts back the ledger of each sink, the checkpoint, and both by different amounts; replaces"
            + " and drops them. Each start has to be refused, with what is missing and what to do;"
            + " a checkpoint that is adopted has to write once more what it does not know, no row"
            + " else."
      },
      mixinStandardHelpOptions = true)
  int rollbacks(
      @Parameters(paramLabel = "SINK", arity = "0..*", description = "What the job writes to")
          List<String> sinks,
      @Option(names = "--seed", defaultValue = "1", description = "Makes the records") long from,
      @Option(
              names = "--json",
              paramLabel = "FILE",
              description = "Also add the results to this file")
          Optional<Path> results)
      throws IOException, InterruptedException {
    List<Mode> all = sinks == null ? Mode.WHOLE : sinks.stream().map(Mode::of).toList();
    List<Line> lines = new ArrayList<>();
    Lab lab = Lab.start();
    try (lab) {
      for (Mode mode : all) {
        lines.add(ShortForm.rolledBack(Sessions.spark(), lab, mode, from));
      }
    }
    Tool.append(results, lines.stream().map(Line::json).toList());
    return ended(lab, lines);
  }

  /** Damaged checkpoints alone. */
  @Command(
      name = "damage",
      description = {
        "Damages files of a small job's checkpoint, one at a time: emptied, cut in half, one bit"
            + " turned round, removed, or swapped with another of their kind. Each time the job has"
            + " to deliver what it must, or to end and name the file."
      },
      mixinStandardHelpOptions = true)
  int damage(
      @Option(names = "--count", defaultValue = "50", description = "How many (${DEFAULT-VALUE})")
          int count,
      @Option(names = "--seed", defaultValue = "1", description = "Chooses files and damages")
          long seed,
      @Option(
              names = "--json",
              paramLabel = "FILE",
              description = "Also add the result to this file")
          Optional<Path> json)
      throws IOException {
    Line line = Damages.run(Sessions.spark(), seed, count);
    Tool.append(json, List.of(line.json()));
    System.out.println(line.faults());
    return line.held() ? Exit.DONE : Exit.UNEQUAL;
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
            plan.map(text -> Fault.plan(text, new Random(chosen)))
                .orElseGet(() -> Fault.sequence(kills, Fault.others(modes), new Random(chosen))),
            records,
            Duration.ofMinutes(minutes),
            fault -> Tool.say("%s", fault));
    try {
      return Line.of("kill", chosen, modes, campaign.run());
    } catch (Broken broken) {
      return Line.broken("kill", chosen, modes, String.valueOf(broken.getMessage()));
    }
  }
}
