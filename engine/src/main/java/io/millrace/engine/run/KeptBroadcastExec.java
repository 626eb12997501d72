package io.millrace.engine.run;

import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastMode;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastPartitioning;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** A side of a join that is broadcast once for the rows of its tables, and not in each batch. */
final class KeptBroadcastExec extends SparkPlan {
  private static final long serialVersionUID = 1;

  private final Seq<Attribute> columns;
  private final transient BroadcastMode mode;
  private final transient TableBroadcast kept;

  KeptBroadcastExec(Seq<Attribute> columns, BroadcastMode mode, TableBroadcast kept) {
    this.columns = columns;
    this.mode = mode;
    this.kept = kept;
  }

  @Override
  public Seq<Attribute> output() {
    return columns;
  }

  @Override
  public AttributeSet producedAttributes() {
    return outputSet();
  }

  @Override
  public Partitioning outputPartitioning() {
    return new BroadcastPartitioning(mode);
  }

  @Override
  @SuppressWarnings("unchecked") // a join asks for what its mode makes
  public <T> Broadcast<T> doExecuteBroadcast() {
    return (Broadcast<T>) kept.of(session());
  }

  @Override
  public RDD<InternalRow> doExecute() {
    throw new IllegalStateException("Cannot read a broadcast as rows");
  }

  @Override
  public String nodeName() {
    return "KeptBroadcast";
  }

  @Override
  public Seq<SparkPlan> children() {
    return CollectionConverters.asScala(List.<SparkPlan>of()).toList();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> others) {
    return this;
  }

  @Override
  public int productArity() {
    return 0;
  }

  @Override
  public Object productElement(int number) {
    throw new IndexOutOfBoundsException(number);
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof KeptBroadcastExec;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
