package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * A small job whose checkpoint gets damaged: rows and windows from files into SQLite, run some
 * times; each trial has a copy of its checkpoint and of its sinks, in which one file is damaged
 * before the job goes on.
 */
final class Patient {
  private static final int ROUNDS = 5;
  private static final int ROWS = 6;
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private static final String JOB =
      """
      job: patient
      checkpoint: ${HOME}/checkpoint
      spark: {spark.sql.shuffle.partitions: "1", spark.sql.streaming.fileSource.log.compactInterval: "3"}
      sources:
        - name: lines
          files: {path: "${IN}", format: json, schema: "n int, t timestamp"}
          watermark: {time: t, delay: 0s}
      dead-letters: drop
      steps:
        - {name: rows, sql: "select n from lines"}
        - name: minutes
          from: lines
          window: {time: t, every: 1m, by: [], aggregate: {count: count(1), total: sum(n)}}
        - {name: windows, sql: "select unix_micros(window_start) as minute, count, total from minutes"}
      sinks:
        - {name: rows, from: rows, jdbc: {url: "jdbc:sqlite:${HOME}/rows.db", table: rows}, trigger: available-now}
        - name: windows
          from: windows
          jdbc: {url: "jdbc:sqlite:${HOME}/windows.db", table: windows}
          trigger: available-now
      """;

  private final SparkSession spark;
  private final Path folder;
  private final Path base;
  private final List<String> sound;
  private int trials;

  /** What became of a job. */
  record Fate(Verdict verdict, String what) {}

  enum Verdict {
    /** The sinks hold what they must. */
    HARMLESS,
    /** The job ended, and named the file or what is wrong with it. */
    NAMED,
    /** The job ended without a hint at the file. */
    UNCLEAR,
    /** The job went on, and its sinks are wrong. */
    WRONG;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean holds() {
      return this == HARMLESS || this == NAMED;
    }
  }

  /** Runs the job some times, and once more without any damage, as the measure. */
  Patient(SparkSession spark, Path folder) throws IOException {
    this.spark = spark;
    this.folder = folder;
    this.base = Files.createDirectories(folder.resolve("base"));
    for (int round = 0; round < ROUNDS; round++) {
      feed(round);
      run(base);
    }
    feed(ROUNDS);
    Path healthy = copy();
    run(healthy);
    this.sound = contents(healthy);
    if (sound.stream().filter(row -> row.startsWith("rows")).count() != (ROUNDS + 1) * ROWS) {
      throw new IllegalStateException("The job is wrong without any damage: " + sound);
    }
  }

  private void feed(int round) throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    String lines =
        IntStream.range(round * ROWS, (round + 1) * ROWS)
            .mapToObj(n -> "{\"n\":%d,\"t\":\"2026-01-01T00:%02d:%02dZ\"}\n".formatted(n, n / 4, n))
            .collect(Collectors.joining());
    Files.writeString(folder.resolve("next"), lines);
    Files.move(folder.resolve("next"), in.resolve("part-" + round + ".json"));
  }

  private void run(Path home) throws IOException {
    Path file = Files.writeString(home.resolve("job.yaml"), JOB);
    Findings findings = new Findings();
    Map<String, String> variables =
        Map.of("HOME", home.toString(), "IN", folder.resolve("in").toString());
    Optional<JobSpec> job = JobFile.read(file, Variables.of(variables), findings);
    Optional<Plan> plan = job.flatMap(spec -> new Planner(Catalog.load()).plan(spec, findings));
    findings.throwIfAny();
    try (RunningJob running = new Launcher(spark).launch(plan.orElseThrow())) {
      running.await();
    }
  }

  private Path copy() {
    Path to = folder.resolve("trial-" + trials++);
    FolderBook.copy(base, to);
    return to;
  }

  /** The files of the checkpoint, as paths below it. */
  List<Path> files() {
    Path checkpoint = base.resolve("checkpoint");
    try (Stream<Path> all = Files.walk(checkpoint)) {
      return all.filter(Files::isRegularFile).map(checkpoint::relativize).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + checkpoint, e);
    }
  }

  /** Names of files that differ in numbers only are of one kind. */
  static String kind(Path file) {
    return NUMBER
        .matcher(file.toString().replaceAll("[0-9a-f]{8}-[-0-9a-f]{27}", "ID"))
        .replaceAll("N");
  }

  /** Damages a file in a copy of all, lets the job go on, and judges. */
  Fate trial(Path file, Damage damage) throws IOException {
    Path home = copy();
    Path target = home.resolve("checkpoint").resolve(file);
    damage.on(target, other(home.resolve("checkpoint"), file));
    try {
      run(home);
    } catch (RefusedStartException e) {
      return new Fate(Verdict.NAMED, String.valueOf(e.getMessage()));
    } catch (JobFailedException e) {
      String said = String.valueOf(e.getMessage());
      boolean named = said.startsWith("Cannot") || said.contains(": Cannot");
      return new Fate(named && hints(said, file) ? Verdict.NAMED : Verdict.UNCLEAR, said);
    }
    List<String> found = contents(home);
    return found.equals(sound)
        ? new Fate(Verdict.HARMLESS, "")
        : new Fate(Verdict.WRONG, "Expected " + sound + ", found " + found);
  }

  /** The file itself, or the one that it is the checksum of; a file that is gone, by its folder. */
  private static boolean hints(String said, Path file) {
    String name =
        file.getFileName().toString().replaceFirst("^\\.", "").replaceFirst("\\.crc$", "");
    Path parent = file.getParent();
    return said.contains(parent == null ? name : parent.resolve(name).toString())
        || (parent != null && said.contains(parent.toString()));
  }

  private Path other(Path checkpoint, Path file) {
    List<Path> same =
        files().stream()
            .filter(each -> kind(each).equals(kind(file)) && !each.equals(file))
            .toList();
    return checkpoint.resolve(same.isEmpty() ? file : same.get(same.size() - 1));
  }

  private static List<String> contents(Path home) {
    List<String> all = new ArrayList<>();
    for (String table : List.of("rows", "windows")) {
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:" + home.resolve(table + ".db"));
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("select * from " + table)) {
        int width = row.getMetaData().getColumnCount();
        while (row.next()) {
          List<String> values = new ArrayList<>(List.of(table));
          for (int at = 1; at <= width; at++) {
            values.add(String.valueOf(row.getString(at)));
          }
          all.add(String.join(" ", values));
        }
      } catch (SQLException e) {
        throw new IllegalStateException("Cannot read " + table + " of " + home, e);
      }
    }
    return all.stream().sorted().toList();
  }

  /** The number in the name of a file, by which the last of a kind is found; -1 for none. */
  static long number(Path file) {
    Matcher number = NUMBER.matcher(file.getFileName().toString());
    return number.find() ? Long.parseLong(number.group()) : -1;
  }
}
