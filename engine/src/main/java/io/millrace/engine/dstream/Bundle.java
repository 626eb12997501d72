package io.millrace.engine.dstream;

import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.collection.immutable.Nil$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What the streams of one query have for one batch. It has no rows of its own. */
final class Bundle extends RDD<InternalRow> {
  private static final long serialVersionUID = 1;

  static final ClassTag<InternalRow> ROW = ClassTag$.MODULE$.apply(InternalRow.class);

  private final transient List<RDD<?>> parts;

  @SuppressWarnings("unchecked") // An empty list is one of any type.
  Bundle(SparkContext context, List<RDD<?>> parts) {
    super(context, (scala.collection.immutable.List) Nil$.MODULE$, ROW);
    this.parts = List.copyOf(parts);
  }

  List<RDD<?>> parts() {
    return parts;
  }

  @Override
  public Partition[] getPartitions() {
    return new Partition[0];
  }

  @Override
  public Iterator<InternalRow> compute(Partition part, TaskContext task) {
    throw new IllegalStateException("A bundle has no partition");
  }
}
