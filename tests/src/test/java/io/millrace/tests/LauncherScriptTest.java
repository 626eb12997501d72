package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tests.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person types it, each time as a process of its own. */
class LauncherScriptTest {
  private static final Path HOME = Script.HOME;
  private static final String ENDLESS =
      """
      job: endless
      checkpoint: %1$s/checkpoint
      sources:
        - {name: ticks, rate: {rows-per-second: 20}}
      sinks:
        - {name: out, files: {path: %1$s/out, format: json}, trigger: 500ms}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @Test
  void showsWhatItCanDoWhenAskedNothing() throws Exception {
    Ended ended = millrace();
    assertThat(ended.exit()).isZero();
    assertThat(ended.out()).contains("Start here:  spark-submit/millrace demo", "lint FILE...");
    assertThat(millrace("help").out()).isEqualTo(ended.out());
  }

  @Test
  void showsAnExampleWithEveryCommand() throws Exception {
    Ended ended = millrace("run", "--help");
    assertThat(ended.exit()).isZero();
    assertThat(ended.out()).contains("Example:  spark-submit/millrace run");
  }

  @Test
  void suggestsTheNearestCommand() throws Exception {
    Ended ended = millrace("lnit");
    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.err()).contains("'lnit'", "Did you mean lint?");
  }

  @Test
  void lintsWithExitCodesForSoundWrongAndMissingFiles() throws Exception {
    Path sound = job("sound.yaml", ENDLESS.formatted(folder));
    Ended good = millrace("lint", sound.toString());
    assertThat(good.out()).contains("is sound", "Next: spark-submit/millrace plan");
    assertThat(good.exit()).isZero();

    Path wrong = job("wrong.yaml", ENDLESS.formatted(folder).replace("trigger:", "triger:"));
    Ended bad = millrace("lint", wrong.toString());
    assertThat(bad.out()).contains("wrong.yaml:6:", "Did you mean 'trigger'?");
    assertThat(bad.exit()).isEqualTo(1);

    Ended missing = millrace("lint", folder.resolve("none.yaml").toString());
    assertThat(missing.err()).contains("Cannot read", "none.yaml").doesNotContain("\tat ");
    assertThat(missing.exit()).isEqualTo(2);
  }

  @Test
  void refusesWrongSurroundingsInOneSentence() throws Exception {
    refused(
        Map.of("JAVA_HOME", folder.toString()), HOME, "holds no bin/java; point it to a JDK 17");
    Path newer = folder.resolve("newer");
    program(Files.createDirectories(newer.resolve("bin")).resolve("java"), "exit 0");
    Files.writeString(newer.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    refused(Map.of("JAVA_HOME", newer.toString()), HOME, "is Java 25, and Spark 4.1 runs");
    Path spark = folder.resolve("spark 3");
    Path jars = Files.createDirectories(spark.resolve("jars"));
    refused(Map.of("SPARK_HOME", spark.toString()), HOME, "holds no jars/spark-core_*.jar");
    Files.createFile(jars.resolve("spark-core_2.12-3.5.1.jar"));
    refused(Map.of("SPARK_HOME", spark.toString()), HOME, "holds spark-core_2.12-3.5.1");
  }

  @Test
  void asksForMavenWhereNothingIsBuilt() throws Exception {
    Path copy = folder.resolve("a copy");
    for (String module : List.of("engine", "sinks", "models", "jobs", "spark-submit/broker")) {
      Files.createDirectories(copy.resolve(module));
    }
    Files.createFile(copy.resolve("pom.xml"));
    for (String file : List.of("spark-submit/millrace", "spark-submit/java-modules.args")) {
      Files.copy(HOME.resolve(file), copy.resolve(file));
    }
    Path tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool :
        List.of(
            "bash",
            "env",
            "dirname",
            "basename",
            "readlink",
            "find",
            "head",
            "sed",
            "mkdir",
            "rm",
            "cat",
            "touch",
            "mv",
            "sleep")) {
      program(tools.resolve(tool), "exec " + tool(tool) + " \"$@\"");
    }
    Map<String, String> bare =
        Map.of("PATH", tools.toString(), "JAVA_HOME", System.getProperty("java.home"));
    refused(bare, copy, "there is no mvn; install Maven 3.8");
    assertThat(copy.resolve("spark-submit/target/lock")).doesNotExist();
  }

  @Test
  void runsAJobToItsEndAndSaysWhatFailed() throws Exception {
    Path in = Files.createDirectories(folder.resolve("in"));
    Files.writeString(in.resolve("rows.json"), "{\"n\": 1}\n{\"n\": 2}\n");
    String text =
        """
        job: small
        checkpoint: %1$s/checkpoint
        sources:
          - {name: rows, files: {path: %1$s/in, format: json, schema: n int}}
        dead-letters: drop
        steps:
          - {name: halves, sql: "select n, 10 div (n - 3) as part from rows"}
        sinks:
          - {name: out, files: {path: %1$s/out, format: json}, trigger: available-now}
        """
            .formatted(folder);
    Ended done = millrace("run", job("small.yaml", text).toString());
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(done.out()).contains("Next:");
    assertThat(done.err()).doesNotContain("WARN").doesNotContain("\tat ");

    Files.writeString(in.resolve("more.json"), "{\"n\": 3}\n");
    Ended failed = millrace("run", folder.resolve("small.yaml").toString());
    assertThat(failed.exit()).isEqualTo(3);
    assertThat(failed.err()).contains("millrace run: ", "zero");
    assertThat(failed.err()).doesNotContain("\tat ");
  }

  @Test
  void stopsInGoodOrderOnCtrlCAndTerm() throws Exception {
    assertThat(stopped("INT").exit()).isEqualTo(130);
    Ended terminated = stopped("TERM");
    assertThat(terminated.exit()).as(terminated.err()).isZero();
    assertThat(terminated.err()).doesNotContain("\tat ");
  }

  @Test
  void putsAllOfMillraceAndNothingOfSparkIntoOneJar() throws IOException {
    try (Stream<Path> files = Files.list(HOME.resolve("jobs/target"));
        JarFile jar =
            new JarFile(
                files
                    .filter(file -> file.getFileName().toString().matches("millrace-[0-9].*\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toFile())) {
      List<String> names = jar.stream().map(JarEntry::getName).toList();
      assertThat(names)
          .contains(
              "io/millrace/jobs/Main.class",
              "io/millrace/engine/Builtin.class",
              "io/millrace/sinks/SinksPlugin.class",
              "io/millrace/models/ModelsPlugin.class",
              "io/millrace/shaded/snakeyaml/v2/api/Load.class",
              "io/millrace/shaded/hikari/HikariDataSource.class",
              "io/millrace/shaded/pool2/impl/GenericObjectPool.class",
              "io/millrace/shaded/redis/jedis/Connection.class",
              "org/postgresql/Driver.class",
              "picocli/CommandLine.class")
          .noneMatch(
              name ->
                  name.matches(
                      "(META-INF/versions/[0-9]+/)?(org/apache/|scala/|com/fasterxml/|org/slf4j/|org/junit/|com/zaxxer/|org/snakeyaml/"
                          + "|redis/|org/json/|com/google/|io/millrace/engine/testing/|io/zonky/).*"));
      assertThat(services(jar))
          .isEqualTo(
              Map.of(
                  "java.sql.Driver",
                  Set.of("org.postgresql.Driver"),
                  "io.millrace.engine.spi.Plugin",
                  Set.of(
                      "io.millrace.engine.Builtin",
                      "io.millrace.sinks.SinksPlugin",
                      "io.millrace.models.ModelsPlugin")));
    }
  }

  private static Map<String, Set<String>> services(JarFile jar) throws IOException {
    String folder = "META-INF/services/";
    Map<String, Set<String>> services = new HashMap<>();
    for (JarEntry entry : jar.stream().filter(each -> !each.isDirectory()).toList()) {
      if (entry.getName().startsWith(folder)) {
        String text = new String(jar.getInputStream(entry).readAllBytes(), UTF_8);
        services.put(
            entry.getName().substring(folder.length()), text.lines().collect(Collectors.toSet()));
      }
    }
    return services;
  }

  private Ended stopped(String signal) throws Exception {
    Path own = Files.createDirectories(folder.resolve(signal));
    Path file = job("endless.yaml", ENDLESS.formatted(own));
    Script.Started started = Script.in(folder).startInterruptible("run", file.toString());
    Process process = started.process();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!delivered(own.resolve("out")) && process.isAlive() && System.nanoTime() < deadline) {
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    assertThat(process.isAlive()).as(Files.readString(started.err())).isTrue();
    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    return started.end();
  }

  private static boolean delivered(Path out) throws IOException {
    if (!Files.isDirectory(out)) {
      return false;
    }
    try (Stream<Path> files = Files.list(out)) {
      return files.anyMatch(file -> file.toString().endsWith(".json"));
    }
  }

  private void refused(Map<String, String> environment, Path home, String sentence)
      throws Exception {
    Ended ended =
        Script.in(folder).of(home).with(environment).run("run", "conf/examples/files.yaml");
    assertThat(ended.err()).contains(sentence);
    assertThat(ended.err().strip().lines().filter(line -> line.startsWith("millrace:"))).hasSize(1);
    assertThat(ended.exit()).isEqualTo(2);
  }

  private Ended millrace(String... arguments) throws Exception {
    return Script.in(folder).run(arguments);
  }

  private Path job(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static void program(Path file, String line) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path tool(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(part -> Path.of(part, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }
}
