package io.millrace.engine.fold;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.ThetaIntersectionAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.ThetaSketchAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.ThetaUnionAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A function whose buffer takes no rows any more once it has been written, as the theta sketches of
 * Spark do, which only merges such: rows since then go into a buffer of their own.
 */
final class Resumed<T> extends Keeper<Resumed.Parts<T>> {
  private static final long serialVersionUID = 1;
  private final TypedImperativeAggregate<T> function;

  /** A buffer that was written, and the rows since then; one of them at least. */
  static final class Parts<T> {
    private final byte @Nullable [] before;
    private final @Nullable T since;

    private Parts(byte @Nullable [] before, @Nullable T since) {
      this.before = before;
      this.since = since;
    }
  }

  private Resumed(TypedImperativeAggregate<T> function, Place place) {
    super(place, function);
    this.function = function;
  }

  /** A function that goes on with a buffer that was written. */
  static ImperativeAggregate of(ImperativeAggregate function) {
    return function instanceof ThetaSketchAgg
            || function instanceof ThetaUnionAgg
            || function instanceof ThetaIntersectionAgg
        ? new Resumed<>((TypedImperativeAggregate<?>) function, Place.FIRST)
        : function;
  }

  @Override
  public Parts<T> createAggregationBuffer() {
    return new Parts<>(null, function.createAggregationBuffer());
  }

  @Override
  public Parts<T> update(Parts<T> seen, InternalRow row) {
    T since = seen.since == null ? function.createAggregationBuffer() : seen.since;
    return new Parts<>(seen.before, function.update(since, row));
  }

  @Override
  public Parts<T> merge(Parts<T> seen, Parts<T> other) {
    byte[] written = serialize(other);
    return new Parts<>(
        seen.before == null ? written : function.serialize(both(seen.before, written)), seen.since);
  }

  private T both(byte[] one, byte[] other) {
    T first = function.merge(function.createAggregationBuffer(), function.deserialize(one));
    return function.merge(first, function.deserialize(other));
  }

  /**
   * All that was seen. A merge may change what it merges, so rows since then are written for it.
   */
  private T whole(Parts<T> seen) {
    if (seen.before != null) {
      return seen.since == null
          ? function.deserialize(seen.before)
          : both(seen.before, function.serialize(seen.since));
    }
    return seen.since == null ? function.createAggregationBuffer() : seen.since;
  }

  @Override
  public @Nullable Object eval(Parts<T> seen) {
    return function.eval(whole(seen));
  }

  @Override
  public byte[] serialize(Parts<T> seen) {
    return seen.before != null && seen.since == null
        ? seen.before
        : function.serialize(whole(seen));
  }

  @Override
  public Parts<T> deserialize(byte[] bytes) {
    return new Parts<>(bytes, null);
  }

  @Override
  public boolean nullable() {
    return function.nullable();
  }

  @Override
  public DataType dataType() {
    return function.dataType();
  }

  @Override
  Resumed<T> at(Place other) {
    return new Resumed<>(function, other);
  }

  @Override
  public Seq<Expression> children() {
    return function.children();
  }

  @Override
  @SuppressWarnings("unchecked") // a function with other children is of the same class
  public Expression withNewChildrenInternal(IndexedSeq<Expression> others) {
    return new Resumed<>((TypedImperativeAggregate<T>) function.withNewChildren(others), place());
  }

  @Override
  public String prettyName() {
    return function.prettyName();
  }
}
