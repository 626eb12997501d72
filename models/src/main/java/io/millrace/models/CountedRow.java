package io.millrace.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Counts a row that Spark's transform scored, and gives whether it could be, as a column that
 * stands for it.
 */
final class CountedRow extends OncePerRow implements CodegenFallback {
  private static final long serialVersionUID = 1;

  private final Probe probe;
  private final String version;
  private final int inputs;
  private transient @Nullable Task task;

  /** What one task has of it. */
  private static final class Task {
    private final Probe.@Nullable Work work;
    private final SpecificInternalRow row;
    private final @Nullable Object[] result;

    Task(Probe.@Nullable Work work, SpecificInternalRow row, int outputs) {
      this.work = work;
      this.row = row;
      this.result = new Object[outputs];
    }
  }

  private CountedRow(Probe probe, String version, int inputs, List<Expression> parts) {
    super(parts);
    this.probe = probe;
    this.version = version;
    this.inputs = inputs;
  }

  /**
   * Whether a row was scored, counted.
   *
   * @param inputs what the model reads
   * @param outputs what it gave
   * @param complete whether it could score the row; never null
   */
  static Column of(
      Probe probe, String version, List<Column> inputs, List<Column> outputs, Column complete) {
    List<Expression> children = new ArrayList<>();
    inputs.forEach(input -> children.add(ExpressionUtils.expression(input)));
    outputs.forEach(output -> children.add(ExpressionUtils.expression(output)));
    children.add(ExpressionUtils.expression(complete));
    return ExpressionUtils.column(new CountedRow(probe, version, inputs.size(), children));
  }

  @Override
  public Object eval(InternalRow input) {
    Object complete = Objects.requireNonNull(parts.get(parts.size() - 1).eval(input));
    Task own = task();
    if (own.work != null) {
      for (int i = 0; i < inputs; i++) {
        own.row.update(i, parts.get(i).eval(input));
      }
      for (int i = 0; i < own.result.length; i++) {
        own.result[i] = parts.get(inputs + i).eval(input);
      }
      own.work.count(own.row, (Boolean) complete ? own.result : null);
    }
    return complete;
  }

  private Task task() {
    Task known = task;
    if (known == null) {
      List<DataType> types = parts.subList(0, inputs).stream().map(Expression::dataType).toList();
      known =
          new Task(
              probe.open(version),
              new SpecificInternalRow(CollectionConverters.asScala(types).toSeq()),
              parts.size() - 1 - inputs);
      task = known;
    }
    return known;
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public DataType dataType() {
    return DataTypes.BooleanType;
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> changed) {
    return new CountedRow(probe, version, inputs, CollectionConverters.asJava(changed));
  }

  @Override
  public String prettyName() {
    return "counted";
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CountedRow;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CountedRow that
        && that.probe == probe
        && that.version.equals(version)
        && that.inputs == inputs
        && that.parts.equals(parts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, parts);
  }
}
