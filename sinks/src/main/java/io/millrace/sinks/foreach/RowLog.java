package io.millrace.sinks.foreach;

import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each row to the log, behind {@code prefix} and the number of its batch. */
public final class RowLog implements RowHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RowLog.class);

  private String prefix = "";
  private long batch;

  @Override
  public void open(Task task) {
    prefix = task.settings().getOrDefault("prefix", "");
    batch = task.batch();
  }

  @Override
  public void process(Row row) {
    LOG.info("batch {}: {}{}", batch, prefix, row);
  }
}
