package io.millrace.sinks.delta;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.RuntimeConfig;

/**
 * The batch that the next commits of a session carry. A MERGE reads no options of a writer, only
 * settings of its session; a setting that stayed behind would make Delta skip another write, so it
 * is taken back on closing, and no two can be open in one session.
 */
final class DeltaMark implements AutoCloseable {
  private static final String APPLICATION = "spark.databricks.delta.write.txnAppId";
  private static final String VERSION = "spark.databricks.delta.write.txnVersion";
  private static final String METADATA = "spark.databricks.delta.commitInfo.userMetadata";

  private final RuntimeConfig session;
  private final Map<String, String> before = new LinkedHashMap<>();

  /**
   * Marks what the session of a batch commits until this is closed.
   *
   * @param application the name under which the table keeps the number of the batch
   * @throws IllegalStateException if a mark is there already
   */
  DeltaMark(Batch batch, String application) {
    session = batch.rows().sparkSession().conf();
    for (String name : new String[] {APPLICATION, VERSION}) {
      if (session.contains(name)) {
        throw new IllegalStateException(
            "Cannot merge while %s is set to %s: Delta would take this batch for another one. Leave that setting out"
                .formatted(name, session.get(name)));
      }
    }
    if (session.contains(METADATA)) {
      before.put(METADATA, session.get(METADATA));
    }
    session.set(APPLICATION, application);
    session.set(VERSION, batch.id());
    session.set(METADATA, metadata(batch));
  }

  /** What the history of the table says of the commit of a batch. */
  static String metadata(Batch batch) {
    Identity who = batch.who();
    return "millrace job=%s sink=%s query=%s batch=%d"
            .formatted(who.job(), who.sink(), who.query(), batch.id())
        + batch.origin().map(DeltaMark::text).orElse("");
  }

  private static String text(Origin origin) {
    String version = DeltaMark.class.getPackage().getImplementationVersion();
    return " plan=%s version=%s offsets=%s"
        .formatted(origin.plan(), version == null ? "unreleased" : version, origin.offsets());
  }

  @Override
  public void close() {
    session.unset(APPLICATION);
    session.unset(VERSION);
    session.unset(METADATA);
    before.forEach(session::set);
  }
}
