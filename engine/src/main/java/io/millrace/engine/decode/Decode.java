package io.millrace.engine.decode;

import io.millrace.engine.spi.Decoder.Decoded;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Decodes a binary column in one pass: {@code struct<fields, reason>}, where one of the two is
 * null. It never throws for what a payload holds.
 */
final class Decode extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1;

  private final Payload payload;
  private final Expression child;
  private transient Payload.@Nullable Parser parser;

  private Decode(Payload payload, Expression child) {
    this.payload = payload;
    this.child = child;
  }

  static Decoded decode(Payload payload, Column column) {
    Column decoded =
        ExpressionUtils.column(new Decode(payload, ExpressionUtils.expression(column)));
    return new Decoded(decoded.getField("fields"), decoded.getField("reason"));
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(List.of(child)).toSeq();
  }

  @Override
  public DataType dataType() {
    return new StructType()
        .add("fields", payload.fields().asNullable(), true)
        .add("reason", DataTypes.StringType, true);
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public Object eval(InternalRow input) {
    Object bytes = child.eval(input);
    if (bytes == null) {
      return refused("Expected " + payload.name() + ", found no value");
    }
    try {
      return row(parser().parse((byte[]) bytes), null);
    } catch (Payload.BadPayload bad) {
      return refused(Objects.requireNonNull(bad.getMessage()));
    }
  }

  private Payload.Parser parser() {
    if (parser == null) {
      parser = payload.parser();
    }
    return parser;
  }

  private static InternalRow refused(String reason) {
    return row(null, UTF8String.fromString(reason));
  }

  private static InternalRow row(@Nullable Object fields, @Nullable Object reason) {
    return new GenericInternalRow(new @Nullable Object[] {fields, reason});
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new Decode(payload, children.head());
  }

  @Override
  public String prettyName() {
    return "decode_" + payload.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int index) {
    return child;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Decode;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Decode that && that.payload.equals(payload) && that.child.equals(child);
  }

  @Override
  public int hashCode() {
    return Objects.hash(payload, child);
  }
}
