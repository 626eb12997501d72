package io.millrace.jobs;

import io.millrace.engine.observe.Watch;
import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.Drive;
import io.millrace.engine.run.Drives;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the rows that a job refused, from where it writes them, and drives them again. */
@Command(
    name = "dead",
    description = {
      "Shows the dead letters of a job: what was refused, where, why, and the bytes that were read;"
          + " and drives them through the job again, once what was wrong is mended. With the job"
          + " running or stopped."
    },
    footer = {
      "",
      "Example:  spark-submit/millrace dead list conf/examples/validate.yaml",
      "          spark-submit/millrace dead show conf/examples/validate.yaml --since 1h",
      "          spark-submit/millrace dead drive conf/examples/validate.yaml --rule quantity"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DeadCommand implements Runnable {
  private static final String GROUP = "%-20s %-20s %-20s %9s  %-26s %-26s %s%n";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing list, show or drive");
  }

  /** Which job, and which of its letters. */
  static final class Wanted {
    @Parameters(paramLabel = "FILE", description = "A job file")
    private Path file;

    @Option(names = "--source", paramLabel = "NAME", description = "Only of this source")
    private Optional<String> source;

    @Option(
        names = "--step",
        paramLabel = "NAME",
        description = "Only those that this step refused")
    private Optional<String> step;

    @Option(
        names = "--rule",
        paramLabel = "NAME",
        description = "Only those that broke this rule, also among others")
    private Optional<String> rule;

    @Option(
        names = "--since",
        paramLabel = "TIME",
        description = "Only those refused since then: 2h ago, or 2026-01-31T08:00:00Z",
        converter = TimeConverter.class)
    private Optional<Instant> since;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "Only those refused before then",
        converter = TimeConverter.class)
    private Optional<Instant> until;

    Plan plan() {
      return new JobFiles().plan(file, Analyzer.Run.STREAM).plan();
    }

    DeadLetters.Filter filter() {
      return new DeadLetters.Filter(source, step, rule, since, until);
    }
  }

  @Command(
      name = "list",
      description = "How many there are, by source, step and rule.",
      footer = {"", "Example:  spark-submit/millrace dead list conf/examples/validate.yaml"},
      mixinStandardHelpOptions = true)
  int list(@Mixin Wanted wanted) {
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = wanted.plan();
    List<DeadLetters.Group> groups;
    try (Session session = Session.start(plan.job(), plan.spark())) {
      groups = letters(session, plan, wanted).groups();
    }
    if (groups.isEmpty()) {
      out.println("There are none.");
      return Exit.DONE;
    }
    out.printf(Locale.ROOT, GROUP, "source", "step", "rule", "letters", "first", "last", "such as");
    for (DeadLetters.Group group : groups) {
      out.printf(
          Locale.ROOT,
          GROUP,
          group.source(),
          group.step(),
          group.rule(),
          group.letters(),
          group.first(),
          group.last(),
          group.example());
    }
    out.println("Next: spark-submit/millrace dead show " + wanted.file);
    return Exit.DONE;
  }

  @Command(
      name = "show",
      description =
          "Each one with its place in the source and the bytes that were read, newest first.",
      footer = {
        "",
        "Example:  spark-submit/millrace dead show conf/examples/validate.yaml --rule quantity"
      },
      mixinStandardHelpOptions = true)
  int show(
      @Mixin Wanted wanted,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "20",
              description = "At most so many (${DEFAULT-VALUE})")
          int limit) {
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = wanted.plan();
    try (Session session = Session.start(plan.job(), plan.spark())) {
      for (DeadLetters.Letter letter : letters(session, plan, wanted).newest(limit)) {
        out.printf(
            Locale.ROOT,
            "%s  %s, batch %d  %s: %s%n  from %s %s%s%n  %s%n",
            letter.time(),
            letter.query(),
            letter.batch(),
            letter.step(),
            letter.reason(),
            letter.source(),
            place(letter),
            letter.attempt().isEmpty() ? "" : ", attempt " + letter.attempt(),
            letter.raw() == null ? letter.row() : text(letter.raw()));
        if (letter.raw() != null && !letter.row().isEmpty()) {
          out.printf("  as the sink got it: %s%n", letter.row());
        }
      }
    }
    out.println("Next, once mended: spark-submit/millrace dead drive " + wanted.file);
    return Exit.DONE;
  }

  private static String place(DeadLetters.Letter letter) {
    String key = letter.key() == null ? "" : ", key " + text(letter.key());
    boolean known = !letter.coordinates().isEmpty() || letter.raw() != null;
    return known || letter.row().isEmpty()
        ? letter.coordinates() + key
        : "no record that is known: the row is not of one alone, or was kept without";
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Command(
      name = "drive",
      description =
          "Drives letters through the job as it is now, each to the sinks that lack its row, each"
              + " once, and takes them off the list. What is refused again is a new letter. A drive"
              + " that did not end is gone on with first.",
      footer = {
        "",
        "Example:  spark-submit/millrace dead drive conf/examples/validate.yaml --rule quantity"
      },
      mixinStandardHelpOptions = true)
  int drive(
      @Mixin Wanted wanted,
      @Option(
              names = "--sink",
              paramLabel = "NAME",
              split = ",",
              description = "Only to these sinks, where not all that lack the rows are meant")
          @Nullable Set<String> sinks,
      @Option(names = "--dry-run", description = "Say what would be driven, and drive nothing")
          boolean dryRun,
      @Option(
              names = "--give-up",
              description =
                  "Take back the drive that did not end: its letters are open again, also those"
                      + " that some sink has got by it")
          boolean giveUp) {
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = wanted.plan();
    try (Session session = Session.start(plan.job(), plan.spark())) {
      Drives drives = new Drives(session.spark(), plan);
      Optional<Drive> underWay = drives.underWay();
      if (giveUp) {
        underWay.ifPresent(drives::giveUp);
        out.println(
            underWay
                .map(drive -> "Took back the drive %s.".formatted(drive.id()))
                .orElse("There is no drive that did not end."));
        return Exit.DONE;
      }
      underWay.ifPresent(drive -> out.println("Going on with the drive that did not end:"));
      Optional<Drive> drive =
          underWay.or(
              () -> begin(drives, wanted.filter(), sinks == null ? Set.of() : sinks, dryRun));
      drive.map(Drive::groups).orElse(List.of()).forEach(group -> print(group, out));
      if (drive.isEmpty() || drive.get().groups().isEmpty()) {
        out.println("There are none to drive.");
      } else if (!dryRun) {
        return drive(session, drives, drive.get(), out, wanted.file);
      }
      return Exit.DONE;
    }
  }

  private static Optional<Drive> begin(
      Drives drives, DeadLetters.Filter filter, Set<String> sinks, boolean dryRun) {
    try {
      return dryRun ? Optional.of(drives.look(filter, sinks)) : drives.begin(filter, sinks);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Plan> plans(Drives drives, Drive drive) {
    try {
      return drives.plans(drive);
    } catch (IllegalStateException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    }
  }

  private static void print(Drive.Group group, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d letters of %s%s to %s%n",
        group.letters(),
        group.step(),
        group.source().isEmpty() || group.source().equals(group.step())
            ? ""
            : ", read from " + group.source(),
        String.join(", ", group.sinks()));
  }

  private static int drive(
      Session session, Drives drives, Drive drive, PrintWriter out, Path file) {
    Watch watch = new Watch();
    Launcher launcher = new Launcher(session.spark(), watch, List.of(watch));
    for (Plan part : plans(drives, drive)) {
      try (RunningJob job = launcher.launch(part)) {
        Signals signals = Signals.stopping(job::close);
        job.await();
        if (signals.came()) {
          return signals.exit();
        }
      }
    }
    drives.end(drive);
    Summary.print(watch.states(), out);
    out.println("Next: spark-submit/millrace dead list " + file);
    return Exit.DONE;
  }

  private static DeadLetters letters(Session session, Plan plan, Wanted wanted) {
    try {
      return DeadLetters.of(session.spark(), plan, wanted.filter());
    } catch (IllegalArgumentException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()));
    }
  }
}
