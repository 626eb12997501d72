package io.millrace.engine.dstream;

import io.millrace.engine.run.FedJob;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.streaming.dstream.DStream;
import org.apache.spark.streaming.dstream.PairDStreamFunctions;
import scala.Option;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Totals per key, by {@code updateStateByKey}.
 *
 * @param columns the key's, then the totals
 */
record Sums(FedJob job, String step, Carried.Totals totals, StructType columns) implements Carrier {
  private static final Set<String> ADDED = Set.of("bigint", "double", "decimal");

  Sums {
    Arrays.stream(columns.fields()).forEach(Sums::check);
    int first = totals.by().size();
    for (int i = 0; i < totals.folds().size(); i++) {
      StructField field = columns.fields()[first + i];
      String type = field.dataType().typeName().replaceFirst("\\(.*", "").replace("long", "bigint");
      if (totals.folds().get(i) == Carried.Fold.ADD && !ADDED.contains(type)) {
        throw cannot(field);
      }
    }
  }

  private static void check(StructField field) {
    DataType type = field.dataType();
    if (!(type instanceof AtomicType) || type instanceof BinaryType) {
      throw cannot(field);
    }
  }

  private static IllegalArgumentException cannot(StructField field) {
    return new IllegalArgumentException(
        "Cannot carry %s of type %s from batch to batch with engine: dstream. Make a text or a number of it in a sql step above"
            .formatted(field.name(), field.dataType().sql()));
  }

  @Override
  public RDD<?> taken(Dataset<Row> rows) {
    return job.of(step, rows).toJavaRDD().map(pair(totals.by().size())).rdd();
  }

  private static Function<Row, Tuple2<List<Object>, List<Object>>> pair(int keys) {
    return row -> new Tuple2<>(values(row, 0, keys), values(row, keys, row.length()));
  }

  private static List<Object> values(Row row, int from, int to) {
    Object[] values = new Object[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = row.get(i);
    }
    return Arrays.asList(values);
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // What comes back is what taken gave.
  public DStream<?> carried(DStream<?> taken) {
    ClassTag<List<Object>> list = (ClassTag) ClassTag$.MODULE$.apply(List.class);
    ClassTag<Total> total = ClassTag$.MODULE$.apply(Total.class);
    DStream<Tuple2<List<Object>, List<Object>>> pairs = (DStream) taken;
    int partitions = job.spark().sparkContext().defaultParallelism();
    return new PairDStreamFunctions<>(pairs, list, list, null)
        .updateStateByKey(
            Total.Update.of(totals), new HashPartitioner(partitions), true, Option.empty(), total);
  }

  /** Without rows nothing changes, but for keys that are forgotten. */
  @Override
  public boolean idle(List<RDD<?>> carried, Mode mode) {
    boolean forgets = mode == Mode.COMPLETE && totals.keep().isPresent();
    return !forgets && Rows.none(carried.get(1));
  }

  /** In mode update those of keys that this batch has changed, else all. */
  @Override
  @SuppressWarnings("unchecked") // What comes back is what carried gave.
  public Dataset<Row> results(RDD<?> carried, long millis, Mode mode) {
    JavaRDD<Tuple2<List<Object>, Total>> all =
        ((RDD<Tuple2<List<Object>, Total>>) carried).toJavaRDD();
    JavaRDD<Tuple2<List<Object>, Total>> wanted =
        mode == Mode.COMPLETE ? all : all.filter(changed(millis));
    return job.spark().createDataFrame(wanted.map(Sums::row), columns);
  }

  private static Function<Tuple2<List<Object>, Total>, Boolean> changed(long millis) {
    return total -> total._2().changed() == millis;
  }

  private static Row row(Tuple2<List<Object>, Total> total) {
    List<Object> values = new ArrayList<>(total._1());
    values.addAll(total._2().values());
    return RowFactory.create(values.toArray());
  }
}
