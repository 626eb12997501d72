package io.millrace.engine.fold;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** Merges the buffers of a function that writes its buffer by itself, which are columns. */
final class MergedImperative extends ImperativeAggregate implements Serializable {
  private static final long serialVersionUID = 1;
  private final ImperativeAggregate function;
  private final Seq<Expression> parts;
  private final int buffer;
  private final int input;

  /** The same function, where a buffer that comes in begins with the first column. */
  private final ImperativeAggregate first;

  MergedImperative(ImperativeAggregate function, Seq<Expression> parts) {
    this(function, parts, 0, 0);
  }

  private MergedImperative(
      ImperativeAggregate function, Seq<Expression> parts, int buffer, int input) {
    this.function =
        function.withNewMutableAggBufferOffset(buffer).withNewInputAggBufferOffset(input);
    this.first = this.function.withNewInputAggBufferOffset(0);
    this.parts = parts;
    this.buffer = buffer;
    this.input = input;
  }

  @Override
  public void initialize(InternalRow seen) {
    function.initialize(seen);
  }

  @Override
  public void update(InternalRow seen, InternalRow row) {
    Object[] values = new Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parts.apply(i).eval(row);
    }
    first.merge(seen, new GenericInternalRow(values));
  }

  @Override
  public void merge(InternalRow seen, InternalRow other) {
    function.merge(seen, other);
  }

  @Override
  public @Nullable Object eval(InternalRow seen) {
    return function.eval(seen);
  }

  @Override
  public StructType aggBufferSchema() {
    return function.aggBufferSchema();
  }

  @Override
  public Seq<AttributeReference> aggBufferAttributes() {
    return function.aggBufferAttributes();
  }

  @Override
  public Seq<AttributeReference> inputAggBufferAttributes() {
    return function.inputAggBufferAttributes();
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
    return new MergedImperative(function, parts, offset, input);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new MergedImperative(function, parts, buffer, offset);
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
    return new MergedImperative(function, others, buffer, input);
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
    return other instanceof MergedImperative;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MergedImperative merged
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
