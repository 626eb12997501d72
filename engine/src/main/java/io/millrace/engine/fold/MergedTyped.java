package io.millrace.engine.fold;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** Merges the buffers of a function that keeps an object, such as a sketch, which are bytes. */
final class MergedTyped<T> extends TypedImperativeAggregate<T> implements Serializable {
  private static final long serialVersionUID = 1;
  private final TypedImperativeAggregate<T> function;
  private final Seq<Expression> parts;
  private final int buffer;
  private final int input;

  MergedTyped(TypedImperativeAggregate<T> function, Seq<Expression> parts) {
    this(function, parts, 0, 0);
  }

  private MergedTyped(
      TypedImperativeAggregate<T> function, Seq<Expression> parts, int buffer, int input) {
    this.function = function;
    this.parts = parts;
    this.buffer = buffer;
    this.input = input;
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
  public int mutableAggBufferOffset() {
    return buffer;
  }

  @Override
  public int inputAggBufferOffset() {
    return input;
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new MergedTyped<>(function, parts, offset, input);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new MergedTyped<>(function, parts, buffer, offset);
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
    return parts;
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> others) {
    return new MergedTyped<>(function, others, buffer, input);
  }

  @Override
  public String prettyName() {
    return "merged_" + function.prettyName();
  }

  @Override
  public int productArity() {
    return 4;
  }

  @Override
  public Object productElement(int number) {
    return switch (number) {
      case 0 -> function;
      case 1 -> parts;
      case 2 -> buffer;
      default -> input;
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof MergedTyped<?>;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MergedTyped<?> merged
        && function.equals(merged.function)
        && parts.equals(merged.parts)
        && buffer == merged.buffer
        && input == merged.input;
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }
}
