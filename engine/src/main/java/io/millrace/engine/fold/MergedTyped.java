package io.millrace.engine.fold;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** Merges the buffers of a function that keeps an object, such as a sketch, which are bytes. */
final class MergedTyped<T> extends Keeper<T> {
  private static final long serialVersionUID = 1;
  private final TypedImperativeAggregate<T> function;
  private final Seq<Expression> parts;

  MergedTyped(TypedImperativeAggregate<T> function, Seq<Expression> parts) {
    this(function, parts, Place.FIRST);
  }

  private MergedTyped(TypedImperativeAggregate<T> function, Seq<Expression> parts, Place place) {
    super(place, function, parts);
    this.function = function;
    this.parts = parts;
  }

  @Override
  public T createAggregationBuffer() {
    return function.createAggregationBuffer();
  }

  @Override
  public T update(T seen, InternalRow row) {
    Object part = parts.head().eval(row);
    return function.merge(seen, function.deserialize((byte[]) part));
  }

  @Override
  public T merge(T seen, T other) {
    return function.merge(seen, other);
  }

  @Override
  public @Nullable Object eval(T seen) {
    return function.eval(seen);
  }

  @Override
  public byte[] serialize(T seen) {
    return function.serialize(seen);
  }

  @Override
  public T deserialize(byte[] bytes) {
    return function.deserialize(bytes);
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
  MergedTyped<T> at(Place other) {
    return new MergedTyped<>(function, parts, other);
  }

  @Override
  public Seq<Expression> children() {
    return parts;
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> others) {
    return new MergedTyped<>(function, others, place());
  }

  @Override
  public String prettyName() {
    return "merged_" + function.prettyName();
  }
}
