package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spec.YamlReader;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext$;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds, pages, schemas and settings need no Spark: what a JVM loads for them says so. */
class LightnessTest {

  /** Does what the commands do that start no session. */
  public static final class Commands {
    private Commands() {}

    public static void main(String[] arguments) {
      Catalog here = Catalog.load();
      KindPages pages = new KindPages(here);
      pages.names().forEach(name -> System.out.println(pages.page(name).orElseThrow()));
      System.out.println(JobSchema.job(here) + JobSchema.training(here));
      Catalog samples = Catalog.of(List.of(new SampleKinds()));
      System.out.println(new KindPages(samples).all() + JobSchema.job(samples));
      Kind<?, Step> validate = samples.step("validate").orElseThrow();
      Findings findings = new Findings();
      System.out.println(
          Binder.settings(
                  validate.settings(),
                  Trees.of("[{rule: a, that: price > 0, else: drop}]"),
                  "steps.a",
                  Position.JAVA,
                  findings)
              .orElseThrow());
      System.out.println("finished");
    }
  }

  /** Plans a job with state and SQL. */
  public static final class Planning {
    private static final String JOB =
        """
        job: counts
        checkpoint: /checkpoints
        sources:
          - name: ticks
            rate: {rows-per-second: 1}
            watermark: {time: timestamp, delay: 1s}
        steps:
          - name: even
            sql: select * from ticks where value % 2 = 0
          - name: counted
            window: {time: timestamp, every: 1s, aggregate: {n: count(1)}}
          - name: wrong
            sql: select nothing from even
        sinks: []
        """;

    private Planning() {}

    public static void main(String[] arguments) {
      Findings findings = new Findings();
      new YamlReader(Variables.of(Map.of()))
          .read(JOB, "job.yaml", findings)
          .flatMap(tree -> JobReader.read(tree, Path.of(""), findings))
          .ifPresent(job -> new Planner(Catalog.load()).plan(job, findings));
      findings.list().forEach(System.out::println);
      System.out.println("context " + SparkContext$.MODULE$.getActive());
      System.out.println("session " + SparkSession.getDefaultSession());
      System.out.println("finished");
    }
  }

  @Test
  void loadsNothingThatRunsSpark(@TempDir Path folder) throws IOException, InterruptedException {
    List<String> loaded = loaded(Commands.class, folder);

    assertThat(loaded).anyMatch(line -> line.contains(" " + Binder.class.getName() + " "));
    assertThat(loaded)
        .noneMatch(line -> line.contains(" org.apache.spark.SparkContext "))
        .noneMatch(line -> line.contains(" org.apache.spark.SparkEnv "))
        .noneMatch(line -> line.contains(" org.apache.spark.sql.classic."))
        .noneMatch(line -> line.contains(" org.apache.spark.sql.internal."));
  }

  @Test
  void plansAJobWithoutASession(@TempDir Path folder) throws IOException, InterruptedException {
    loaded(Planning.class, folder);

    assertThat(Files.readString(folder.resolve("output"), StandardCharsets.UTF_8))
        .contains("Unknown column 'nothing'", "context None", "session None");
  }

  /** The classes that a JVM loads for a main class, which must end well. */
  private static List<String> loaded(Class<?> main, Path folder)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + folder.resolve("classes"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output, StandardCharsets.UTF_8)).endsWith("finished\n");
    return Files.readAllLines(folder.resolve("classes"), StandardCharsets.UTF_8);
  }
}
