package io.millrace.engine.decode;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.Block;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.codegen.FalseLiteral$;
import org.apache.spark.sql.catalyst.expressions.codegen.JavaCode;
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
 * Decodes a binary column in one pass: {@code struct<fields, reason, rule>}, where the first or the
 * others are null. It never throws for what a payload holds.
 *
 * <p>It gives the same for the same payload, but tells Spark otherwise: a filter above would take a
 * copy of it below, and every payload would be decoded once more.
 */
public final class Decode extends Expression implements Serializable {
  private static final long serialVersionUID = 1;

  private final Payload payload;
  private final Expression child;
  private transient Payload.@Nullable Parser parser;

  private Decode(Payload payload, Expression child) {
    this.payload = payload;
    this.child = child;
  }

  static Column decode(Payload payload, Column column) {
    return ExpressionUtils.column(new Decode(payload, ExpressionUtils.expression(column)));
  }

  @Override
  public Seq<Expression> children() {
    return list(List.of(child));
  }

  @Override
  public DataType dataType() {
    return new StructType()
        .add("fields", payload.fields().asNullable(), true)
        .add("reason", DataTypes.StringType, true)
        .add("rule", DataTypes.StringType, true);
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
  public Object eval(InternalRow input) {
    return decoded((byte @Nullable []) child.eval(input));
  }

  /** What a payload holds; for the code that Spark generates. */
  public InternalRow decoded(byte @Nullable [] bytes) {
    if (bytes == null) {
      return refused(new Payload.BadPayload("Expected " + payload.name() + ", found no value"));
    }
    try {
      return row(parser().parse(bytes), null, null);
    } catch (Payload.BadPayload bad) {
      return refused(bad);
    }
  }

  private Payload.Parser parser() {
    if (parser == null) {
      parser = payload.parser();
    }
    return parser;
  }

  private static InternalRow refused(Payload.BadPayload bad) {
    return row(
        null,
        UTF8String.fromString(Objects.requireNonNull(bad.getMessage())),
        UTF8String.fromString(bad.rule()));
  }

  private static InternalRow row(
      @Nullable Object fields, @Nullable Object reason, @Nullable Object rule) {
    return new GenericInternalRow(new @Nullable Object[] {fields, reason, rule});
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    ExprCode bytes = child.genCode(context);
    String decode = context.addReferenceObj("decode", this, Decode.class.getName());
    List<String> parts =
        List.of("", "\nInternalRow ", " = " + decode + ".decoded(", " ? null : ", ");\n");
    List<JavaCode> between = List.of(bytes.code(), code.value(), bytes.isNull(), bytes.value());
    Block block = new CodeBlock(list(parts), list(between));
    return code.copy(block, FalseLiteral$.MODULE$, code.value());
  }

  private static <T> Seq<T> list(List<T> items) {
    return CollectionConverters.asScala(items).toSeq();
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
