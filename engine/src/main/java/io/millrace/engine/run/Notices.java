package io.millrace.engine.run;

import io.millrace.engine.spi.Notice;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Logs once per batch what the steps of a query say of its rows. */
final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final String query;
  private final Set<Notice> all;
  private final Set<Notice> ofBatch = new LinkedHashSet<>();

  Notices(String query, Trunk trunk) {
    this.query = query;
    this.all = in(trunk.rows());
    trunk
        .inTask()
        .forEach(branch -> branch.path().orElseThrow().expressions().forEach(e -> find(e, all)));
  }

  /** Those in the plan of a frame. */
  static Set<Notice> in(Dataset<Row> rows) {
    Set<Notice> found = new LinkedHashSet<>();
    find(rows.queryExecution().analyzed(), found);
    return found;
  }

  /** A frame of the running batch alone. */
  Dataset<Row> heard(Dataset<Row> rows) {
    ofBatch.addAll(in(rows));
    return rows;
  }

  /** Logs what there is to say of the batch that is done. */
  void log(long batch) {
    ofBatch.addAll(all);
    for (Notice notice : ofBatch) {
      notice.take().ifPresent(said -> LOG.warn("Query {}, batch {}: {}", query, batch, said));
    }
    ofBatch.clear();
  }

  private static void find(LogicalPlan plan, Set<Notice> found) {
    CollectionConverters.asJava(plan.expressions()).forEach(part -> find(part, found));
    CollectionConverters.asJava(plan.children()).forEach(child -> find(child, found));
  }

  private static void find(Expression part, Set<Notice> found) {
    if (part instanceof ScalaUDF call && call.function() instanceof Notice notice) {
      found.add(notice);
    }
    CollectionConverters.asJava(part.children()).forEach(child -> find(child, found));
  }
}
