package io.millrace.engine.testkit;

import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.ListState;
import org.apache.spark.sql.streaming.MapState;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Uses all that a processor has: rows {@code k, t, v}, state of three kinds, timers that set
 * others, and a field that does not last.
 */
@SuppressWarnings("NullAway.Init") // Spark calls init before all else
public final class Tallies extends StatefulProcessor<Row, Row, Row> {
  private static final long serialVersionUID = 1;
  private static final long EVERY = 10_000;

  /** What it gives. */
  public static final String OUTPUT = "k string, at timestamp, rows bigint, held string";

  private long here;
  private transient ValueState<Long> rows;
  private transient ListState<String> values;
  private transient MapState<String, Long> counts;

  @Override
  public void init(OutputMode output, TimeMode mode) {
    rows = getHandle().getValueState("rows", Encoders.LONG(), TTLConfig.NONE());
    values = getHandle().getListState("values", Encoders.STRING(), TTLConfig.NONE());
    counts =
        getHandle().getMapState("counts", Encoders.STRING(), Encoders.LONG(), TTLConfig.NONE());
  }

  @Override
  public Iterator<Row> handleInputRows(Row key, Iterator<Row> given, TimerValues times) {
    while (given.hasNext()) {
      Row row = given.next();
      String value = row.getAs("v");
      long at = row.<Timestamp>getAs("t").getTime();
      here++;
      rows.update(rows.exists() ? rows.get() + 1 : 1);
      values.appendValue(value);
      counts.updateValue(value, counts.containsKey(value) ? counts.getValue(value) + 1 : 1);
      getHandle().registerTimer(at - at % EVERY + EVERY);
    }
    return CollectionConverters.asScala(
        List.of(row(key, times.getCurrentWatermarkInMs(), "in this batch " + here)).iterator());
  }

  @Override
  public Iterator<Row> handleExpiredTimer(Row key, TimerValues times, ExpiredTimerInfo timer) {
    List<String> held = new ArrayList<>(CollectionConverters.asJava(values.get().toSeq()));
    held.sort(null);
    Row told = row(key, timer.getExpiryTimeInMs(), held + " of " + sizes());
    if (held.size() > 3) {
      values.clear();
      counts.clear();
      rows.clear();
    } else if (timer.getExpiryTimeInMs() % (3 * EVERY) != 0) {
      getHandle().registerTimer(timer.getExpiryTimeInMs() + EVERY);
    }
    return CollectionConverters.asScala(List.of(told).iterator());
  }

  private String sizes() {
    List<String> sizes = new ArrayList<>();
    CollectionConverters.asJava(counts.iterator().toSeq())
        .forEach(entry -> sizes.add(entry._1() + "=" + entry._2()));
    sizes.sort(null);
    return sizes.toString();
  }

  private Row row(Row key, long at, String held) {
    return RowFactory.create(
        key.getString(0), new Timestamp(at), rows.exists() ? rows.get() : 0L, held);
  }
}
