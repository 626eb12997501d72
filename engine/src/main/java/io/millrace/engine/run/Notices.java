package io.millrace.engine.run;

import io.millrace.engine.spi.Notice;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs once per batch what the steps of a query say of its rows. */
final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final String query;
  private final Set<Notice> all;
  private final Set<Notice> ofBatch = new LinkedHashSet<>();

  Notices(String query, Trunk trunk) {
    this.query = query;
    this.all = in(trunk.rows());
    trunk.inTask().stream()
        .flatMap(branch -> branch.path().orElseThrow().expressions().stream())
        .forEach(part -> all.addAll(Catalyst.functions(part, Notice.class)));
  }

  /** Those in the plan of a frame. */
  static Set<Notice> in(Dataset<Row> rows) {
    return Catalyst.functions(rows.queryExecution().analyzed(), Notice.class);
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
}
