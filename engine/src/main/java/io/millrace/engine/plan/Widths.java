package io.millrace.engine.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How many bytes rows take in Spark's own format: 8 for every 64 columns, 8 for each, and the
 * values of no fixed length behind them, rounded up to 8.
 */
record Widths(Load load) {
  double row(List<Attribute> columns) {
    double bytes = nulls(columns.size());
    for (Attribute column : columns) {
      bytes += value(column.name(), column.dataType());
    }
    return bytes;
  }

  /** An entry of a group in state: its key, and what its aggregates keep. */
  double state(Aggregate aggregate) {
    List<Expression> groups = CollectionConverters.asJava(aggregate.groupingExpressions());
    double key = nulls(groups.size());
    for (Expression group : groups) {
      key += value(AnalysisKeeping.name(group, aggregate), group.dataType());
    }
    List<StructField> kept = new ArrayList<>();
    CollectionConverters.asJava(aggregate.aggregateExpressions())
        .forEach(each -> kept((Expression) each, kept));
    double buffers = nulls(kept.size());
    for (StructField field : kept) {
      buffers += value(field.name(), field.dataType());
    }
    return key + buffers;
  }

  private static void kept(Expression expression, List<StructField> kept) {
    if (expression instanceof AggregateExpression aggregate) {
      List<Attribute> read = new ArrayList<>();
      CollectionConverters.asJava(aggregate.references().toSeq()).forEach(read::add);
      for (StructField field : aggregate.aggregateFunction().aggBufferSchema().fields()) {
        String name = read.size() == 1 ? read.get(0).name() : field.name();
        kept.add(new StructField(name, field.dataType(), field.nullable(), field.metadata()));
      }
    } else {
      CollectionConverters.asJava(expression.children()).forEach(child -> kept(child, kept));
    }
  }

  private static double nulls(int columns) {
    return Math.ceil(columns / 64.0) * Long.BYTES;
  }

  private double value(String name, DataType type) {
    if (type instanceof StructType struct) {
      double bytes = Long.BYTES + nulls(struct.size());
      for (StructField field : struct.fields()) {
        bytes += value(field.name(), field.dataType());
      }
      return bytes;
    }
    return UnsafeRow.isFixedLength(type)
        ? Long.BYTES
        : Long.BYTES + Math.ceil(load.bytes(name) / (double) Long.BYTES) * Long.BYTES;
  }
}
