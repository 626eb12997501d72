package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jobs.submit.Shipment;
import io.millrace.tests.Script.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code submit} says and prints, without a cluster. */
class SubmitScriptTest {
  private static final String KUBERNETES = "k8s://https://host:6443";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @BeforeEach
  void writeJob() throws Exception {
    Files.writeString(
        folder.resolve("job.yaml"),
        """
        job: orders
        checkpoint: hdfs://host/checkpoints
        spark: {spark.executor.instances: 3}
        sources:
          - name: orders
            kafka: {servers: "${KAFKA}", topics: [orders]}
            decode: {json: "n int"}
        dead-letters: drop
        sinks:
          - name: out
            from: orders
            jdbc:
              url: jdbc:postgresql://db/orders
              password: "${file:/run/secrets/on_the_cluster}"
              table: orders
        """);
  }

  private Ended submit(String... more) throws Exception {
    String[] words = new String[more.length + 3];
    words[0] = "submit";
    words[1] = "job.yaml";
    words[2] = "--dry-run";
    System.arraycopy(more, 0, words, 3, more.length);
    return Script.in(folder).with(Map.of("KAFKA", "k:9092")).run(words);
  }

  @Test
  void printsWhatItWouldRun() throws Exception {
    Ended ended =
        submit(
            "--master",
            "yarn",
            "--deploy-mode",
            "cluster",
            "--env",
            "KAFKA",
            "--jar",
            "hdfs://host/millrace.jar",
            "--",
            "--queue",
            "a queue");

    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out())
        .startsWith("spark-submit --master yarn --deploy-mode cluster --name orders ")
        .contains(
            " --packages io.delta:delta-spark_",
            " --conf spark.executor.instances=3 ",
            " --queue 'a queue' hdfs://host/millrace.jar run --shipped ")
        .doesNotContain("Note:");
    List<String> words = List.of(ended.out().strip().split(" ", -1));
    Shipment came = Shipment.unpacked(words.get(words.size() - 1));
    assertThat(came.variables()).isEqualTo(Map.of("KAFKA", "k:9092"));
    assertThat(came.texts()).containsOnlyKeys("job.yaml");
  }

  @Test
  void tellsWhatTheDriverLacks() throws Exception {
    Ended ended = submit("--master", "spark://host:7077", "--deploy-mode", "cluster");

    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains(
            "Note: the driver takes these from its own environment: KAFKA;",
            "Note: every machine of the cluster must have Millrace's jar at this path;");
  }

  @Test
  void refusesWhatTheClusterCannotDo() throws Exception {
    assertThat(submit("--master", "local[2]").err())
        .contains("Unknown sort of cluster 'local[2]'. Write spark://host:port, yarn or");
    assertThat(submit("--master", KUBERNETES).err()).contains("Needs --image");
    assertThat(submit("--master", KUBERNETES, "--image", "spark", "--deploy-mode", "cluster").err())
        .contains("Needs --jar: pods cannot see files of this machine.");
    Ended secret = submit("--master", "yarn");
    assertThat(secret.exit()).as("a driver here has to read it here").isEqualTo(1);
    assertThat(secret.err()).contains("Cannot read the file /run/secrets/on_the_cluster");
    Ended real =
        Script.in(folder)
            .with(Map.of("KAFKA", "k", "YARN_CONF_DIR", "/etc"))
            .run("submit", "job.yaml", "--master", "yarn", "--deploy-mode", "cluster");
    assertThat(real.exit()).isEqualTo(2);
    assertThat(real.err()).contains("Needs SPARK_HOME: the Spark that Millrace brings has no part");
    Ended away =
        Script.in(folder)
            .with(Map.of("KAFKA", "k"))
            .run(
                "submit",
                "job.yaml",
                "--master",
                "spark://nowhere.invalid:7077",
                "--deploy-mode",
                "cluster");
    assertThat(away.exit()).isEqualTo(2);
    assertThat(away.err())
        .contains("Cannot reach spark://nowhere.invalid:7077: there is no such host.");
    Ended jar = submit("--master", "yarn", "--jar", "none.jar");
    assertThat(jar.exit()).isEqualTo(2);
    assertThat(jar.err()).contains("Cannot find none.jar, named by --jar.");
    Ended supervised = submit("--master", "yarn", "--supervise");
    assertThat(supervised.exit()).isEqualTo(2);
    assertThat(supervised.err()).contains("spark.yarn.maxAppAttempts");
  }
}
