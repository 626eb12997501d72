package io.millrace.jobs.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jobs.submit.Submission.DeployMode;
import io.millrace.jobs.submit.Submission.Libraries;
import io.millrace.jobs.submit.Submission.Memory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubmissionTest {
  private static Submission to(
      Cluster cluster, String master, DeployMode mode, Memory memory, Map<String, String> conf) {
    return new Submission(
        cluster,
        master,
        mode,
        "orders",
        "/opt/millrace.jar",
        new Libraries(List.of("/a.jar", "/b.jar"), List.of("g:n:1")),
        memory,
        cluster == Cluster.KUBERNETES ? Optional.of("spark:4.1.0") : Optional.empty(),
        "/conf/log4j2.properties",
        false,
        conf,
        List.of("--num-executors", "4"),
        List.of("run", "/jobs/orders.yaml"));
  }

  @Test
  void namesWhatAClientNeeds() {
    assertThat(
            to(
                    Cluster.STANDALONE,
                    "spark://h:7077",
                    DeployMode.CLIENT,
                    new Memory("2g", "4g", 0),
                    Map.of())
                .words())
        .containsExactly(
            "--master",
            "spark://h:7077",
            "--deploy-mode",
            "client",
            "--name",
            "orders",
            "--class",
            "io.millrace.jobs.Main",
            "--driver-memory",
            "2g",
            "--executor-memory",
            "4g",
            "--packages",
            "g:n:1",
            "--jars",
            "/a.jar,/b.jar",
            "--conf",
            "spark.ui.enabled=true",
            "--conf",
            "spark.driver.extraJavaOptions=-Dlog4j2.configurationFile=/conf/log4j2.properties",
            "--num-executors",
            "4",
            "/opt/millrace.jar",
            "run",
            "/jobs/orders.yaml");
  }

  @Test
  void shipsLogSettingsWhereTheyAreThereBeforeTheJvm() {
    Memory memory = new Memory("1g", "1g", 0);

    assertThat(to(Cluster.YARN, "yarn", DeployMode.CLUSTER, memory, Map.of()).words())
        .containsSequence("--files", "/conf/log4j2.properties")
        .contains(
            "spark.driver.extraJavaOptions=-Dlog4j2.configurationFile=log4j2.properties",
            "spark.executor.extraJavaOptions=-Dlog4j2.configurationFile=log4j2.properties");
    assertThat(
            to(Cluster.KUBERNETES, "k8s://https://h", DeployMode.CLUSTER, memory, Map.of()).words())
        .contains("spark.kubernetes.container.image=spark:4.1.0")
        .noneMatch(word -> word.contains("log4j2"));
  }

  @Test
  void keepsStateBesideTheHeap() {
    assertThat(
            to(Cluster.YARN, "yarn", DeployMode.CLUSTER, new Memory("1g", "8g", 512), Map.of())
                .words())
        .contains(
            "spark.executor.memoryOverhead=1331m",
            "spark.sql.streaming.stateStore.rocksdb.boundedMemoryUsage=true",
            "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB=512");
    assertThat(new Memory("1g", "1g", 256).overhead()).isEqualTo(384 + 256);
  }

  @Test
  void letsASettingWin() {
    assertThat(
            to(
                    Cluster.YARN,
                    "yarn",
                    DeployMode.CLUSTER,
                    new Memory("1g", "8g", 512),
                    Map.of("spark.executor.memoryOverhead", "3g"))
                .words())
        .contains("spark.executor.memoryOverhead=3g")
        .doesNotContain("spark.executor.memoryOverhead=1331m");
  }

  @Test
  void keepsTheLogSettingsBesideOtherOptionsOfTheJvm() {
    assertThat(
            to(
                    Cluster.YARN,
                    "yarn",
                    DeployMode.CLUSTER,
                    new Memory("1g", "1g", 0),
                    Map.of("spark.executor.extraJavaOptions", "-Xss4m"))
                .words())
        .contains(
            "spark.executor.extraJavaOptions=-Dlog4j2.configurationFile=log4j2.properties -Xss4m");
  }

  @Test
  void knowsSortsOfMasters() {
    assertThat(Cluster.of("spark://a:1,b:2")).contains(Cluster.STANDALONE);
    assertThat(Cluster.of("yarn")).contains(Cluster.YARN);
    assertThat(Cluster.of("k8s://https://a:6443")).contains(Cluster.KUBERNETES);
    assertThat(Cluster.of("local[2]")).isEmpty();
    assertThat(Cluster.of("yarn-cluster")).isEmpty();
  }

  @Test
  void findsWhatSparkDoesNotBring() {
    List<Path> all =
        List.of(
            Path.of("/m/delta-spark_4.1_2.13-4.4.0.jar"),
            Path.of("/m/delta-storage-4.4.0.jar"),
            Path.of("/m/spark-core_2.13-4.1.0.jar"),
            Path.of("/m/kafka-clients-3.9.1.jar"),
            Path.of("/m/spark-sql-kafka-0-10_2.13-4.1.0.jar"),
            Path.of("/m/spark-avro_2.13-4.1.1.jar"));

    assertThat(Brought.jars(all))
        .containsExactly(
            "/m/delta-spark_4.1_2.13-4.4.0.jar",
            "/m/delta-storage-4.4.0.jar",
            "/m/kafka-clients-3.9.1.jar",
            "/m/spark-sql-kafka-0-10_2.13-4.1.0.jar",
            "/m/spark-avro_2.13-4.1.1.jar");
    assertThat(Brought.packages(all))
        .containsExactly(
            "io.delta:delta-spark_4.1_2.13:4.4.0",
            "org.apache.spark:spark-avro_2.13:4.1.1",
            "org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.0");
  }

  @Test
  void quotesForAShell() {
    assertThat(Shell.line(List.of("--master", "local[2]", "it's", "$HOME `x`", "a=b", "")))
        .isEqualTo("--master 'local[2]' 'it'\\''s' '$HOME `x`' a=b ''");
  }

  @Test
  void refusesWhatIsNoSize() {
    assertThat(Megabytes.of("2g")).isEqualTo(2048);
    assertThatThrownBy(() -> Megabytes.of("much"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot take 'much' as a size. Write 512m or 4g");
  }
}
