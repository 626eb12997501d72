package io.millrace.tests;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.plan.TrainingPlanner;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Finding;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.TrainingReader;
import io.millrace.engine.spec.TrainingSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spec.YamlReader;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Job files on their way from text to rows, as the command line takes them. */
public final class Jobs {
  private Jobs() {}

  /** A folder of the checkout, wherever the test runs. */
  public static Path folder(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path found = at.resolve(name);
      if (Files.isDirectory(found)) {
        return found;
      }
    }
    throw new IllegalStateException("There is no folder " + name + " above this one");
  }

  /** All that is wrong with a job or training file. */
  static List<Finding> lint(Path file, Map<String, String> variables) {
    Findings findings = new Findings();
    JobFile.tree(file, Variables.of(variables), findings)
        .ifPresent(tree -> check(tree, JobFile.folder(file), findings));
    return findings.list();
  }

  /** The same file, where secrets of a container that it names are there. */
  static Path withSecret(Path file) throws IOException {
    String text = Files.readString(file);
    if (!text.contains("/run/secrets/")) {
      return file;
    }
    Path folder = Folders.temporary("secret");
    Path secret = Files.writeString(folder.resolve("secret"), "pass-word\n");
    return Files.writeString(
        folder.resolve(String.valueOf(file.getFileName())),
        text.replaceAll("/run/secrets/\\w+", secret.toString()));
  }

  /** All that is wrong with a text, as if it were the file {@code job.yaml}. */
  static List<String> lint(String text, Map<String, String> variables) {
    Findings findings = new Findings();
    new YamlReader(Variables.of(variables))
        .read(text, "job.yaml", findings)
        .ifPresent(tree -> check(tree, Path.of("").toAbsolutePath(), findings));
    return findings.list().stream().map(Finding::toString).toList();
  }

  private static void check(Tree tree, Path folder, Findings findings) {
    if (TrainingReader.accepts(tree)) {
      TrainingReader.read(tree, folder, findings)
          .ifPresent(spec -> new TrainingPlanner(Catalog.load()).plan(spec, findings));
    } else {
      JobReader.read(tree, folder, findings)
          .ifPresent(spec -> new Planner(Catalog.load()).plan(spec, findings));
    }
  }

  /** The plan of a job file that is sound. */
  public static Plan plan(Path file, Map<String, String> variables) {
    return plan(file, variables, Catalog.load());
  }

  /** The same, of these kinds. */
  public static Plan plan(Path file, Map<String, String> variables, Catalog kinds) {
    Findings findings = new Findings();
    Optional<JobSpec> job = JobFile.read(file, Variables.of(variables), findings);
    return plan(job, findings, new Planner(kinds, Analyzer.Run.STREAM));
  }

  /** The plan of a text that is sound. */
  static Plan plan(String text, Map<String, String> variables) {
    return plan(text, variables, Analyzer.Run.STREAM);
  }

  static Plan plan(String text, Map<String, String> variables, Analyzer.Run run) {
    Findings findings = new Findings();
    Optional<JobSpec> job =
        new YamlReader(Variables.of(variables))
            .read(text, "job.yaml", findings)
            .flatMap(tree -> JobReader.read(tree, Path.of("").toAbsolutePath(), findings));
    return plan(job, findings, new Planner(Catalog.load(), run));
  }

  private static Plan plan(Optional<JobSpec> job, Findings findings, Planner planner) {
    Optional<Plan> plan = job.flatMap(spec -> planner.plan(spec, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  static TrainingPlan training(Path file, Map<String, String> variables) {
    Findings findings = new Findings();
    return training(JobFile.readTraining(file, Variables.of(variables), findings), findings);
  }

  /** The plan of a text that is a sound training. */
  static TrainingPlan training(String text, Map<String, String> variables) {
    Findings findings = new Findings();
    return training(
        new YamlReader(Variables.of(variables))
            .read(text, "train.yaml", findings)
            .flatMap(tree -> TrainingReader.read(tree, Path.of("").toAbsolutePath(), findings)),
        findings);
  }

  private static TrainingPlan training(Optional<TrainingSpec> training, Findings findings) {
    Optional<TrainingPlan> plan =
        training.flatMap(spec -> new TrainingPlanner(Catalog.load()).plan(spec, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  /**
   * The command of Millrace in a JVM of its own, with the classes of this one.
   *
   * @param logs the file that sets up its logs
   * @param options of the JVM, beside the usual ones
   */
  static List<String> command(Path logs, List<String> options, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("@" + folder("spark-submit").resolve("java-modules.args"));
    words.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    words.add("-Dlog4j2.configurationFile=" + logs);
    words.add("-Dspark.master=local[2]");
    words.addAll(options);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    words.addAll(List.of(arguments));
    return words;
  }

  /** Runs a job whose triggers end by themselves, and counts what each sink got. */
  static Map<String, Long> run(Plan plan) {
    Delivered delivered = new Delivered();
    try (RunningJob job = new Launcher(Sessions.spark(), delivered, List.of()).launch(plan)) {
      job.await();
    }
    return delivered.rows();
  }

  /** What the launcher reported, sink by sink. */
  static final class Delivered implements Consumer<BatchReport> {
    private final Map<String, Long> rows = new TreeMap<>();

    @Override
    public synchronized void accept(BatchReport report) {
      report.written().forEach((sink, count) -> rows.merge(sink, count, Long::sum));
    }

    synchronized Map<String, Long> rows() {
      return Map.copyOf(rows);
    }
  }

  /** A batch is planned again after this, as if the driver had died before its commit. */
  static void forget(Path checkpoint, String query, long batch) {
    Path commits = checkpoint.resolve(query).resolve("commits");
    try {
      Files.delete(commits.resolve(Long.toString(batch)));
      Files.delete(commits.resolve("." + batch + ".crc"));
    } catch (IOException e) {
      throw new UncheckedIOException("There was no commit of batch " + batch + " in " + commits, e);
    }
  }

  /** The number of the last batch that a query committed. */
  static long last(Path checkpoint, String query) {
    try (var files = Files.list(checkpoint.resolve(query).resolve("commits"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows as texts, in no order of their own. */
  static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::toString).sorted().toList();
  }
}
