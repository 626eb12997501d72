package io.millrace.sinks.delta;

import static io.millrace.sinks.testing.Batches.sql;

import io.millrace.engine.plan.Binder;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spec.YamlReader;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A Delta table in a folder of its own, and sinks to it as a job file writes them. */
record Given(Path folder) {
  static final Writing UPSERT = new Writing(Mode.APPEND, Write.UPSERT);
  static final Writing MERGE = new Writing(Mode.APPEND, Write.MERGE);

  /** Settings as they stand in a job file. */
  static DeltaSettings settings(String yaml) {
    Findings findings = new Findings();
    Tree tree =
        new YamlReader(Variables.of(Map.of())).read(yaml, "job.yaml", findings).orElseThrow();
    DeltaSettings settings =
        Binder.settings(DeltaSettings.class, tree, "", new Position("job.yaml", 1, 1), findings)
            .orElseThrow(() -> new IllegalArgumentException(findings.list().get(0).sentence()));
    findings.throwIfAny();
    return settings;
  }

  String path() {
    return folder.resolve("table").toString();
  }

  /** A sink to the table with more settings, such as {@code keys: [id]}. */
  DeltaSink sink(String settings) {
    String more = settings.isEmpty() ? "" : ", " + settings;
    return new DeltaSink(settings("{path: \"" + path() + "\"" + more + "}"));
  }

  /** A batch of rows that SQL writes down. */
  static Batch batch(Identity who, Writing how, long id, String rows) {
    return new Batch(who, how, id, sql(rows));
  }

  Dataset<Row> table() {
    return Sessions.spark().read().format("delta").load(path());
  }

  /** The rows of some columns, each as one text, in order. */
  List<String> rows(String... columns) {
    return table().selectExpr(columns).collectAsList().stream()
        .map(row -> row.mkString(" "))
        .sorted()
        .toList();
  }

  List<Row> history() {
    return sql("describe history delta.`" + path() + "`").collectAsList();
  }
}
