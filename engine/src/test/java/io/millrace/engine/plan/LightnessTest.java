package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

  @Test
  void loadsNothingThatRunsSpark(@TempDir Path folder) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + folder.resolve("classes"),
                "-cp",
                System.getProperty("java.class.path"),
                Commands.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output, StandardCharsets.UTF_8)).endsWith("finished\n");
    List<String> loaded = Files.readAllLines(folder.resolve("classes"), StandardCharsets.UTF_8);
    assertThat(loaded).anyMatch(line -> line.contains(" " + Binder.class.getName() + " "));
    assertThat(loaded)
        .noneMatch(line -> line.contains(" org.apache.spark.SparkContext "))
        .noneMatch(line -> line.contains(" org.apache.spark.SparkEnv "))
        .noneMatch(line -> line.contains(" org.apache.spark.sql.classic."))
        .noneMatch(line -> line.contains(" org.apache.spark.sql.internal."));
  }
}
