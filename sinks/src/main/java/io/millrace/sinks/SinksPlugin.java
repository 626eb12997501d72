package io.millrace.sinks;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Promise;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Step;
import io.millrace.sinks.console.ConsoleSink;
import io.millrace.sinks.delta.DeltaSettings;
import io.millrace.sinks.delta.DeltaSink;
import io.millrace.sinks.files.FilesSink;
import io.millrace.sinks.foreach.ForeachBatchSink;
import io.millrace.sinks.foreach.ForeachSink;
import io.millrace.sinks.http.HttpSettings;
import io.millrace.sinks.http.HttpSink;
import io.millrace.sinks.jdbc.JdbcSettings;
import io.millrace.sinks.jdbc.JdbcSink;
import io.millrace.sinks.jdbc.LookupJdbcStep;
import io.millrace.sinks.kafka.KafkaSink;
import io.millrace.sinks.memory.MemorySink;
import io.millrace.sinks.redis.RedisSettings;
import io.millrace.sinks.redis.RedisSink;
import io.millrace.sinks.spark.SparkSink;
import java.util.List;

/** The sinks that come with the toolkit, and the step that borrows from their pools. */
public final class SinksPlugin implements Plugin {
  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>(
            "lookup-jdbc",
            "Columns of a database's table added to rows",
            LookupJdbcStep.Settings.class,
            LookupJdbcStep::new));
  }

  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        new Kind<>(
            "console",
            "Prints the first rows of each batch.",
            ConsoleSink.Settings.class,
            ConsoleSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE,
                    "a screen remembers nothing, so a batch that comes again is printed again"))),
        new Kind<>(
            "delta",
            "Rows into a Delta table, added or merged by key, each batch in one commit.",
            DeltaSettings.class,
            DeltaSink::new,
            List.of(
                Promise.always(
                    Guarantee.EXACTLY_ONCE,
                    "the batch's number is part of the table's commit, whether rows are added or"
                        + " merged by key"))),
        new Kind<>(
            "files",
            "Adds files to a folder.",
            FilesSink.Settings.class,
            FilesSink::new,
            List.of(
                new Promise(
                    Guarantee.ONCE_PER_KEY,
                    "path: s3a://bucket/folder",
                    "on that store two starts could create the same manifest"),
                Promise.always(
                    Guarantee.EXACTLY_ONCE,
                    "a manifest per batch, created where none is, names its files; for readers that"
                        + " go by manifests"))),
        new Kind<>(
            "foreach",
            "Hands each row to a class of yours.",
            ForeachSink.Settings.class,
            ForeachSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE, "a batch may come again, with the same number"))),
        new Kind<>(
            "foreach-batch",
            "Hands each batch to a class of yours.",
            ForeachBatchSink.Settings.class,
            ForeachBatchSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE, "a batch may come again, with the same number"))),
        new Kind<>(
            "http",
            "Sends rows to an HTTP endpoint, many in a request or one.",
            HttpSettings.class,
            HttpSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE,
                    "an endpoint remembers no batch, so one that comes again is sent again, with"
                        + " the same Idempotency-Key"))),
        new Kind<>(
            "jdbc",
            "Rows into a table of PostgreSQL, MariaDB, H2 or SQLite, each batch in one"
                + " transaction.",
            JdbcSettings.class,
            JdbcSink::new,
            List.of(
                Promise.always(
                    Guarantee.EXACTLY_ONCE,
                    "rows and the batch's number are committed in one transaction"))),
        new Kind<>(
            "kafka",
            "Writes each row as a record of a Kafka topic.",
            KafkaSink.Settings.class,
            KafkaSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE,
                    "headers name job, query and batch, so that a consumer can tell what came"
                        + " again"),
                new Promise(
                    Guarantee.EXACTLY_ONCE,
                    "delivery: exactly-once",
                    "records and the batch's number are committed in one transaction, for consumers"
                        + " with isolation.level=read_committed"))),
        new Kind<>(
            "memory",
            "Keeps rows in the JVM, for tests.",
            MemorySink.Settings.class,
            MemorySink::new,
            List.of(
                Promise.always(
                    Guarantee.EXACTLY_ONCE, "rows and the batch's number appear in one step"))),
        new Kind<>(
            "redis",
            "Keeps each row under its key in Redis, as a hash or as JSON.",
            RedisSettings.class,
            RedisSink::new,
            List.of(
                Promise.always(
                    Guarantee.ONCE_PER_KEY,
                    "a row takes the place of the one with its key; a reader may see part of a"
                        + " batch"))),
        new Kind<>(
            "spark",
            "Writes by any format that Spark knows by name.",
            SparkSink.Settings.class,
            SparkSink::new,
            List.of(
                Promise.always(
                    Guarantee.AT_LEAST_ONCE, "a batch may come again, with the same number"))));
  }
}
