package io.millrace.engine.step;

import io.millrace.engine.spi.Configured;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tells of keys that have been silent: a processor that comes with the toolkit, to use and to read.
 * It gives the columns of the key, the time of its last row, and when it had been silent for {@code
 * seconds}. Settings: {@code time}, the column with the event time, and {@code seconds}.
 */
public final class Silence extends StatefulProcessor<Row, Row, Row> implements Configured {
  private static final long serialVersionUID = 1;

  private String time = "";
  private long after;
  private transient @Nullable ValueState<Long> last;

  @Override
  public void configure(Map<String, String> settings) {
    String seconds = settings.get("seconds");
    String column = settings.get("time");
    if (seconds == null || column == null || !seconds.matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException(
          "Needs the settings time, a column, and seconds, a whole number, found " + settings);
    }
    time = column;
    after = Long.parseLong(seconds) * 1_000;
  }

  @Override
  public void init(OutputMode output, TimeMode mode) {
    last = getHandle().getValueState("last", Encoders.LONG(), TTLConfig.NONE());
  }

  private ValueState<Long> last() {
    if (last == null) {
      throw new IllegalStateException("Cannot work before init");
    }
    return last;
  }

  /** Rows of a batch come in any order, and its timers fire behind them. */
  @Override
  public Iterator<Row> handleInputRows(Row key, Iterator<Row> rows, TimerValues times) {
    StatefulProcessorHandle handle = getHandle();
    long before = last().exists() ? last().get() : Long.MIN_VALUE;
    long latest = before;
    while (rows.hasNext()) {
      Timestamp at = rows.next().getAs(time);
      latest = Math.max(latest, at.getTime());
    }
    if (latest > before) {
      if (before != Long.MIN_VALUE) {
        handle.deleteTimer(before + after);
      }
      handle.registerTimer(latest + after);
      last().update(latest);
    }
    return CollectionConverters.asScala(List.<Row>of().iterator());
  }

  @Override
  public Iterator<Row> handleExpiredTimer(Row key, TimerValues times, ExpiredTimerInfo timer) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < key.length(); i++) {
      values.add(key.get(i));
    }
    values.add(new Timestamp(last().get()));
    values.add(new Timestamp(timer.getExpiryTimeInMs()));
    last().clear();
    return CollectionConverters.asScala(List.of(RowFactory.create(values.toArray())).iterator());
  }
}
