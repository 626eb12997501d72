package io.millrace.engine.source;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The first of some columns, which has a value only where the others were read beside it. Spark
 * finds a line corrupt by the columns that a query asks for; so every query asks for all.
 */
final class Beside extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1;

  private final List<Expression> columns;

  private Beside(List<Expression> columns) {
    this.columns = columns;
  }

  static Column of(List<Column> columns) {
    return ExpressionUtils.column(
        new Beside(columns.stream().map(ExpressionUtils::expression).toList()));
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(columns).toSeq();
  }

  @Override
  public DataType dataType() {
    return columns.get(0).dataType();
  }

  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public @Nullable Object eval(InternalRow input) {
    return columns.get(0).eval(input);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new Beside(List.copyOf(CollectionConverters.asJava(children)));
  }

  @Override
  public String prettyName() {
    return "beside";
  }

  @Override
  public int productArity() {
    return columns.size();
  }

  @Override
  public Object productElement(int index) {
    return columns.get(index);
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Beside;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Beside that && that.columns.equals(columns);
  }

  @Override
  public int hashCode() {
    return columns.hashCode();
  }
}
