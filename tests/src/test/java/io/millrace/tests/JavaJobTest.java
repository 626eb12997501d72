package io.millrace.tests;

import static io.millrace.engine.spec.Job.decode;
import static io.millrace.engine.spec.Job.fixed;
import static io.millrace.engine.spec.Job.kind;
import static io.millrace.engine.spec.Job.mode;
import static io.millrace.engine.spec.Job.trigger;
import static io.millrace.engine.spec.Job.watermark;
import static io.millrace.engine.spec.Job.when;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.spec.Job;
import io.millrace.engine.spec.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A job built in Java is the job of the file. */
class JavaJobTest {
  private static final String YAML =
      """
      job: orders
      about: Orders per minute
      spark: {spark.sql.ansi.enabled: "true"}
      checkpoint: /checkpoints/orders
      sources:
        - name: customers
          files: {path: /customers, format: csv, header: true, schema: "customer string, country string"}
          static: true
        - name: orders
          kafka: {servers: "localhost:9092", topics: [orders], max-per-batch: 1000}
          decode: {json: "id string not null, customer string, price double, at timestamp"}
          watermark: {time: at, delay: 30s}
      steps:
        - name: valid
          validate: [{rule: price_positive, that: price > 0, else: drop}]
        - lookup: {table: customers, on: [customer]}
        - name: per_minute
          window: {time: at, every: 1m, by: [country], aggregate: {orders: count(1)}}
      dead-letters: {delta: {path: /dead}}
      sinks:
        - name: minutes
          jdbc: {url: "jdbc:postgresql://localhost/db", table: minutes, keys: [country, window_start]}
          mode: update
          write: upsert
          trigger: 10s
        - {name: dear, from: valid, when: price > 100, memory: dear, trigger: available-now}
      """;

  private static Job orders() {
    return Job.named("orders")
        .about("Orders per minute")
        .spark("spark.sql.ansi.enabled", "true")
        .checkpoint("/checkpoints/orders")
        .source(
            "customers",
            kind("files")
                .with("path", "/customers")
                .with("format", "csv")
                .with("header", true)
                .with("schema", "customer string, country string"),
            fixed())
        .source(
            "orders",
            kind("kafka")
                .with("servers", "localhost:9092")
                .with("topics", List.of("orders"))
                .with("max-per-batch", 1000),
            decode("json", "id string not null, customer string, price double, at timestamp"),
            watermark("at", Duration.ofSeconds(30)))
        .step(
            "valid",
            kind(
                "validate",
                List.of(Map.of("rule", "price_positive", "that", "price > 0", "else", "drop"))))
        .step(kind("lookup").with("table", "customers").with("on", List.of("customer")))
        .step(
            "per_minute",
            kind("window")
                .with("time", "at")
                .with("every", Duration.ofMinutes(1))
                .with("by", List.of("country"))
                .with("aggregate", Map.of("orders", "count(1)")))
        .deadLetters(kind("delta").with("path", "/dead"))
        .sink(
            "minutes",
            kind("jdbc")
                .with("url", "jdbc:postgresql://localhost/db")
                .with("table", "minutes")
                .with("keys", List.of("country", "window_start")),
            mode("update"),
            Job.write("upsert"),
            trigger(Duration.ofSeconds(10)))
        .sink(
            "dear",
            kind("memory", "dear"),
            Job.from("valid"),
            when("price > 100"),
            trigger("available-now"));
  }

  @Test
  void givesThePlanOfTheFile() {
    Plan java = new Planner(Catalog.load()).plan(orders().spec());
    Plan yaml = Jobs.plan(YAML, Map.of());

    assertThat(java)
        .usingRecursiveComparison()
        .ignoringFieldsOfTypes(Position.class)
        .isEqualTo(yaml);
    assertThat(java.queries()).extracting(Plan.Query::name).contains("per_minute_update", "orders");
  }
}
