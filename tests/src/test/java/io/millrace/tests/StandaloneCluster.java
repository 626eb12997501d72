package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A master and workers of Spark, each a process of its own, on free ports of this machine. */
final class StandaloneCluster implements AutoCloseable {
  /** For processes that live for seconds. */
  static final String QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern MASTER =
      Pattern.compile("Starting Spark master at (spark://[^\\s]+)");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

  private final SparkHome spark;
  private final Path folder;
  private final List<Process> workers = new ArrayList<>();
  private final Process master;
  private final String address;

  private StandaloneCluster(SparkHome spark, Path folder) throws IOException, InterruptedException {
    this.spark = spark;
    this.folder = folder;
    Path log = folder.resolve("master.log");
    master = daemon(log, "master.Master", List.of());
    address = told(master, log, MASTER);
  }

  /** A cluster whose workers take one task at a time. */
  static StandaloneCluster start(SparkHome spark, int workers)
      throws IOException, InterruptedException {
    StandaloneCluster cluster = new StandaloneCluster(spark, Folders.temporary("cluster"));
    for (int number = 0; number < workers; number++) {
      cluster.addWorker();
    }
    return cluster;
  }

  /** Also after one was killed. */
  void addWorker() throws IOException, InterruptedException {
    Path log = folder.resolve("worker" + workers.size() + ".log");
    Path work = folder.resolve("work" + workers.size());
    List<String> words =
        List.of("--cores", "2", "--memory", "2g", "--work-dir", work.toString(), address);
    Process worker = daemon(log, "worker.Worker", words);
    workers.add(worker);
    told(worker, log, REGISTERED);
  }

  /** Such as {@code spark://127.0.0.1:40123}. */
  String address() {
    return address;
  }

  /** Executors that run now. */
  List<ProcessHandle> executors() {
    return started("CoarseGrainedExecutorBackend");
  }

  /** Drivers that run now because they were submitted in cluster mode. */
  List<ProcessHandle> drivers() {
    return started("DriverWrapper");
  }

  /** Ends a worker as the system does; its executors end by themselves. */
  void killWorker(int number) throws InterruptedException {
    workers.get(number).destroyForcibly().waitFor();
  }

  /** What master, workers, executors and drivers have said. */
  String said() {
    StringBuilder said = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(StandaloneCluster::isLog).toList()) {
        String text = Files.readString(file);
        said.append("== ").append(folder.relativize(file)).append('\n');
        said.append(text.substring(Math.max(0, text.length() - 4000)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return said.toString();
  }

  @Override
  public void close() throws InterruptedException {
    for (Process process : workers) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    master.destroyForcibly().waitFor();
    Folders.delete(folder);
  }

  private static boolean isLog(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.equals("stderr") || name.equals("stdout");
  }

  private List<ProcessHandle> started(String name) {
    Predicate<ProcessHandle> named =
        process -> process.info().commandLine().orElse("").contains(name);
    return workers.stream().flatMap(Process::descendants).filter(named).toList();
  }

  private Process daemon(Path log, String name, List<String> more) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("@" + Script.HOME.resolve("spark-submit/java-modules.args"));
    words.add("-Xmx256m");
    words.addAll(List.of("-cp", spark.folder().resolve("jars") + File.separator + "*"));
    words.add("org.apache.spark.deploy." + name);
    words.addAll(List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
    words.addAll(more);
    ProcessBuilder command = new ProcessBuilder(words);
    command.environment().put("SPARK_HOME", spark.folder().toString());
    command.environment().put("SPARK_SCALA_VERSION", "2.13");
    command.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    command.environment().put(Script.OPTIONS, QUICK);
    return command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private static String told(Process process, Path log, Pattern line)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String text = Files.readString(log);
      Matcher found = line.matcher(text);
      if (found.find()) {
        return found.group(found.groupCount());
      }
      assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as(text).isFalse();
      assertThat(System.nanoTime()).as(text).isLessThan(deadline);
    }
  }
}
