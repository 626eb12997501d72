package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.engine.testing.Folders;
import io.millrace.jobs.submit.Shipment;
import io.millrace.tests.Script.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What comes to Kubernetes when a job is submitted by Spark's own submission. */
class KubernetesTest {
  private static final String JOB =
      """
      include: common.yaml
      job: orders
      checkpoint: s3a://bucket/checkpoints
      steps:
        - name: per_minute
          window: {time: at, every: 1m, by: [item], aggregate: {orders: count(1)}}
      sinks:
        - name: out
          from: per_minute
          jdbc: {url: "jdbc:postgresql://db/orders", password: "${PASSWORD}", table: orders}
          write: append
      """;
  private static final String COMMON =
      """
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: [orders]}
          decode: {json: {schema-file: fields.ddl}}
          watermark: {time: at, delay: 1m}
      dead-letters: drop
      """;

  private final Path folder = Folders.temporary("kubernetes");

  @Test
  void aDriverPodHasTheJobItsMemoryAndNoSecret() throws Exception {
    Files.writeString(folder.resolve("job.yaml"), JOB);
    Files.writeString(folder.resolve("common.yaml"), COMMON);
    Files.writeString(folder.resolve("fields.ddl"), "item string, at timestamp");
    SparkHome spark = SparkHome.make(folder.resolve("spark")).withKubernetes();
    try (ApiServer server = ApiServer.start()) {
      Ended ended =
          Script.in(folder)
              .with(
                  Map.of(
                      "SPARK_HOME",
                      spark.folder().toString(),
                      "KUBECONFIG",
                      folder.resolve("none").toString(),
                      "KAFKA",
                      "broker:9092",
                      "PASSWORD",
                      "hunter2"))
              .run(
                  "submit",
                  "job.yaml",
                  "--master",
                  server.master(),
                  "--deploy-mode",
                  "cluster",
                  "--image",
                  "registry/spark:4.1.0",
                  "--jar",
                  "local:///opt/millrace.jar",
                  "--env",
                  "KAFKA",
                  "--driver-memory",
                  "2g",
                  "--conf",
                  "spark.kubernetes.namespace=streams",
                  "--conf",
                  "spark.kubernetes.authenticate.driver.serviceAccountName=millrace",
                  "--conf",
                  "spark.kubernetes.submission.waitAppCompletion=false",
                  "--conf",
                  "spark.kubernetes.driver.secretKeyRef.PASSWORD=db:password");

      assertThat(ended.exit()).as(ended.err() + server.said()).isZero();
      assertThat(ended.out())
          .contains(
              "Note: the driver takes these from its own environment: PASSWORD;",
              "Note: the image has to have io.delta:delta-spark_",
              "spark-submit --master " + server.master() + " --deploy-mode cluster");
      JsonNode pod = only(server.all("streams", "pods"));
      checkPod(pod);
      checkProperties(only(server.all("streams", "configmaps")), pod);
      JsonNode service = only(server.all("streams", "services"));
      assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
      assertThat(service.at("/spec/selector/spark-role").asText()).isEqualTo("driver");
      assertThat(owner(service)).isEqualTo(pod.at("/metadata/uid").asText());
      assertThat(server.said()).doesNotContain("hunter2");
    }
  }

  private static void checkPod(JsonNode pod) {
    assertThat(pod.at("/metadata/labels/spark-role").asText()).isEqualTo("driver");
    assertThat(pod.at("/metadata/labels/spark-app-name").asText()).isEqualTo("orders");
    assertThat(pod.at("/spec/serviceAccountName").asText()).isEqualTo("millrace");
    JsonNode driver = only(elements(pod.at("/spec/containers")));
    assertThat(driver.at("/image").asText()).isEqualTo("registry/spark:4.1.0");
    assertThat(driver.at("/resources/limits/memory").asText())
        .as("heap and what Spark adds to it")
        .isEqualTo("2432Mi");
    List<String> words = elements(driver.at("/args")).stream().map(JsonNode::asText).toList();
    assertThat(words)
        .startsWith("driver")
        .containsSequence("--class", "io.millrace.jobs.Main", "local:///opt/millrace.jar", "run");
    Shipment came = Shipment.unpacked(words.get(words.size() - 1));
    assertThat(came.texts()).isEqualTo(Map.of("job.yaml", JOB, "common.yaml", COMMON));
    assertThat(came.schemas()).isEqualTo(Map.of("fields.ddl", "item string, at timestamp"));
    assertThat(came.variables()).isEqualTo(Map.of("KAFKA", "broker:9092"));
    JsonNode password =
        only(
            elements(driver.at("/env")).stream()
                .filter(variable -> variable.at("/name").asText().equals("PASSWORD"))
                .toList());
    assertThat(password.at("/valueFrom/secretKeyRef/name").asText()).isEqualTo("db");
  }

  private static void checkProperties(JsonNode map, JsonNode pod) {
    assertThat(owner(map)).isEqualTo(pod.at("/metadata/uid").asText());
    assertThat(map.at("/data/spark.properties").asText())
        .contains(
            "spark.executor.memory=1g",
            "spark.executor.memoryOverhead=640m",
            "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB=256",
            "spark.kubernetes.container.image=registry/spark\\:4.1.0");
  }

  private static String owner(JsonNode resource) {
    return resource.at("/metadata/ownerReferences/0/uid").asText();
  }

  private static <T> T only(List<T> some) {
    assertThat(some).hasSize(1);
    return some.get(0);
  }

  private static List<JsonNode> elements(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }
}
