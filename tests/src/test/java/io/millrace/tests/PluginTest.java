package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.testing.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A jar of somebody else, with a source, a step and a sink. */
class PluginTest {
  private static final Path HOME = Folders.temporary("plugin");
  private static final ClassLoader BEFORE = Thread.currentThread().getContextClassLoader();
  private static final Map<String, String> VARIABLES = Map.of("HOME", HOME.toString());

  private static final String JOB =
      """
      job: foreign
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: numbers
          countdown: {from: 3}
      steps:
        - name: doubled
          times: {factor: 2}
      sinks:
        - name: lines
          line-file: {path: "${HOME}/lines.txt"}
          trigger: available-now
      """;

  @BeforeAll
  static void load() throws MalformedURLException {
    URL jar = jar().toUri().toURL();
    Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {jar}, BEFORE));
  }

  @AfterAll
  static void unload() {
    Thread.currentThread().setContextClassLoader(BEFORE);
  }

  @Test
  void itsKindsAreListed() {
    Catalog catalog = Catalog.load();

    assertThat(catalog.sources()).extracting(Kind::name).contains("countdown", "kafka");
    assertThat(catalog.steps()).extracting(Kind::name).contains("times");
    assertThat(catalog.sinks()).extracting(Kind::name).contains("line-file");
  }

  @Test
  void itsSettingsAreChecked() {
    assertThat(Jobs.lint(JOB.replace("from: 3", "fron: 3"), VARIABLES))
        .containsExactly(
            "job.yaml:5:5  sources.numbers.countdown: Missing setting 'from'. The first number.",
            "job.yaml:5:17  sources.numbers.countdown: Unknown setting 'fron'. Known are from. Did"
                + " you mean 'from'?");
    assertThat(Jobs.lint(JOB.replace("factor: 2", "factor: 0"), VARIABLES))
        .containsExactly(
            "job.yaml:8:5  steps.doubled.times: Expected a factor other than 0, found 0");
  }

  @Test
  void itsJobRuns() throws IOException {
    assertThat(Jobs.run(Jobs.plan(JOB, VARIABLES))).isEqualTo(Map.of("lines", 3L));
    assertThat(Files.readAllLines(HOME.resolve("lines.txt"))).containsExactly("2", "4", "6");
  }

  /** Compiles {@code plugin/*.java} of the test's resources, and packs it as Maven would. */
  private static Path jar() {
    Path sources = Jobs.folder("tests").resolve("src/test/resources/plugin");
    Path classes = HOME.resolve("classes");
    Path jar = HOME.resolve("plugin.jar");
    try (Stream<Path> files = Files.list(sources)) {
      Stream<String> options =
          Stream.of("-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
      String[] words =
          Stream.concat(options, files.map(Path::toString).sorted()).toArray(String[]::new);
      assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, words)).isZero();
      pack(classes, jar);
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> walked = Files.walk(classes)) {
      List<Path> compiled = walked.filter(Files::isRegularFile).sorted().toList();
      for (Path each : compiled) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, out);
      }
      out.putNextEntry(new JarEntry("META-INF/services/io.millrace.engine.spi.Plugin"));
      out.write("com.example.plugin.ExamplePlugin\n".getBytes(StandardCharsets.UTF_8));
    }
  }
}
