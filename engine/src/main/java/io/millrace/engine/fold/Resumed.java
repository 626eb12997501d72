package io.millrace.engine.fold;

import java.io.Serializable;
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
final class Resumed<T> extends TypedImperativeAggregate<Resumed.Parts<T>> implements Serializable {
  private static final long serialVersionUID = 1;
  private final TypedImperativeAggregate<T> function;
  private final int buffer;
  private final int input;

  /** A buffer that was written, and the rows since then; one of them at least. */
  static final class Parts<T> {
    private final byte @Nullable [] before;
    private final @Nullable T since;

    private Parts(byte @Nullable [] before, @Nullable T since) {
      this.before = before;
      this.since = since;
    }
  }

  private Resumed(TypedImperativeAggregate<T> function, int buffer, int input) {
    this.function = function;
    this.buffer = buffer;
    this.input = input;
  }

  /** A function that goes on with a buffer that was written. */
  static ImperativeAggregate of(ImperativeAggregate function) {
    return function instanceof ThetaSketchAgg
            || function instanceof ThetaUnionAgg
            || function instanceof ThetaIntersectionAgg
        ? new Resumed<>((TypedImperativeAggregate<?>) function, 0, 0)
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
  public int mutableAggBufferOffset() {
    return buffer;
  }

  @Override
  public int inputAggBufferOffset() {
    return input;
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new Resumed<>(function, offset, input);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new Resumed<>(function, buffer, offset);
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
  public Seq<Expression> children() {
    return function.children();
  }

  @Override
  @SuppressWarnings("unchecked") // a function with other children is of the same class
  public Expression withNewChildrenInternal(IndexedSeq<Expression> others) {
    return new Resumed<>(
        (TypedImperativeAggregate<T>) function.withNewChildren(others), buffer, input);
  }

  @Override
  public String prettyName() {
    return function.prettyName();
  }

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int number) {
    return switch (number) {
      case 0 -> function;
      case 1 -> buffer;
      default -> input;
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Resumed<?>;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Resumed<?> resumed
        && function.equals(resumed.function)
        && buffer == resumed.buffer
        && input == resumed.input;
  }

  @Override
  public int hashCode() {
    return function.hashCode();
  }
}
