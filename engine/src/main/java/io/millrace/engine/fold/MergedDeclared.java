package io.millrace.engine.fold;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Merges the buffers of a function that Spark computes by expressions. */
final class MergedDeclared extends DeclarativeAggregate {
  private static final long serialVersionUID = 1;
  private final DeclarativeAggregate function;
  private final Seq<Expression> parts;

  MergedDeclared(DeclarativeAggregate function, Seq<Expression> parts) {
    this.function = function;
    this.parts = parts;
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
  public Seq<Expression> initialValues() {
    return function.initialValues();
  }

  @Override
  public Seq<Expression> mergeExpressions() {
    return function.mergeExpressions();
  }

  /** What Spark does with the buffer of another task, from columns. */
  @Override
  public Seq<Expression> updateExpressions() {
    List<AttributeReference> inputs = CollectionConverters.asJava(inputAggBufferAttributes());
    List<Expression> updates =
        CollectionConverters.asJava(mergeExpressions()).stream()
            .map(merge -> merge.transformUp(new Columns(inputs, parts)))
            .toList();
    return CollectionConverters.asScala(updates).toSeq();
  }

  private static final class Columns
      extends scala.runtime.AbstractPartialFunction<Expression, Expression> {
    private static final long serialVersionUID = 1;
    private final transient List<AttributeReference> inputs;
    private final transient Seq<Expression> parts;

    Columns(List<AttributeReference> inputs, Seq<Expression> parts) {
      this.inputs = inputs;
      this.parts = parts;
    }

    private int place(Expression part) {
      for (int i = 0; i < inputs.size(); i++) {
        if (part instanceof AttributeReference column
            && inputs.get(i).exprId().equals(column.exprId())) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public boolean isDefinedAt(Expression part) {
      return place(part) >= 0;
    }

    @Override
    @SuppressWarnings("unchecked") // B1 is a supertype of Expression, as Scala's signature says
    public <A1 extends Expression, B1> B1 applyOrElse(A1 part, scala.Function1<A1, B1> otherwise) {
      int place = place(part);
      return place < 0 ? otherwise.apply(part) : (B1) parts.apply(place);
    }
  }

  @Override
  public Expression evaluateExpression() {
    return function.evaluateExpression();
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
    return new MergedDeclared(function, others);
  }

  @Override
  public String prettyName() {
    return "merged_" + function.prettyName();
  }

  @Override
  public int productArity() {
    return 2;
  }

  @Override
  public Object productElement(int number) {
    return number == 0 ? function : parts;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof MergedDeclared;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MergedDeclared merged
        && function.equals(merged.function)
        && parts.equals(merged.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }
}
