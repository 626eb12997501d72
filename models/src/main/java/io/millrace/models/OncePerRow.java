package io.millrace.models;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A value that costs something, or is counted. It is the same for the same row, but tells Spark
 * otherwise: an operator above would take a copy of it below, and every row would be taken twice.
 */
abstract class OncePerRow extends Expression implements Serializable {
  private static final long serialVersionUID = 1;

  /** What it is made of. */
  final List<Expression> parts;

  OncePerRow(List<Expression> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(parts).toSeq();
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public boolean deterministic() {
    return false;
  }

  @Override
  public int productArity() {
    return parts.size();
  }

  @Override
  public Object productElement(int index) {
    return parts.get(index);
  }
}
