package io.millrace.engine.plan;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Tombstones;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.KnownNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.catalyst.util.CharVarcharUtils;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Plans that stand for rows of which only the columns matter. */
final class AnalysisRows {
  private static final StructType DEAD =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("step", DataTypes.StringType)
          .add("rule", DataTypes.StringType)
          .add("reason", DataTypes.StringType);

  private AnalysisRows() {}

  /** The columns of a source as its readers see them, if they are known. */
  static Optional<StructType> columns(Plan.Input input) {
    return input
        .source()
        .schema()
        .flatMap(
            own ->
                input.decoder().isPresent()
                    ? fields(input.decoder().get()).map(fields -> tagged(decoded(own, fields)))
                    : Optional.of(input.source().decodes() ? tagged(own) : own));
  }

  /** Columns of a record without a value, where such are kept, are null whatever they are else. */
  private static Optional<StructType> fields(Decoder decoder) {
    return decoder.tombstones() == Tombstones.KEEP
        ? decoder.known().map(StructType::asNullable)
        : decoder.known();
  }

  private static StructType decoded(StructType own, StructType fields) {
    Optional<StructField> source = field(own, Columns.SOURCE);
    return source.isPresent() ? fields.add(source.get()) : fields;
  }

  private static StructType tagged(StructType rows) {
    StructType raw =
        field(rows, Columns.RAW).isPresent() ? rows : rows.add(Columns.RAW, DataTypes.BinaryType);
    return field(raw, Columns.DEAD).isPresent() ? raw : raw.add(Columns.DEAD, DEAD);
  }

  private static Optional<StructField> field(StructType rows, String name) {
    return List.of(rows.fields()).stream().filter(field -> field.name().equals(name)).findFirst();
  }

  /** Rows of these columns. */
  static LogicalPlan relation(StructType columns, Streaming streaming) {
    StructType plain = CharVarcharUtils.replaceCharVarcharWithStringInSchema(columns);
    List<Attribute> output =
        new ArrayList<>(CollectionConverters.asJava(DataTypeUtils.toAttributes(plain)));
    return new LocalRelation(
        seq(output), seq(List.of()), streaming == Streaming.STREAM, Option.empty());
  }

  /** Whether rows come without end. */
  enum Streaming {
    STREAM,
    TABLE
  }

  /** The rows that are no dead letters, without the columns that only dead letters need. */
  static LogicalPlan alive(LogicalPlan rows) {
    List<Attribute> output = CollectionConverters.asJava(rows.output());
    return output.stream()
        .filter(column -> column.name().equals(Columns.DEAD))
        .findFirst()
        .<LogicalPlan>map(dead -> new Project(seq(job(output)), new Filter(new IsNull(dead), rows)))
        .orElse(rows);
  }

  private static List<NamedExpression> job(List<Attribute> output) {
    return output.stream()
        .filter(column -> !hidden(column.name()))
        .map(NamedExpression.class::cast)
        .toList();
  }

  /** Whether a column is not for a job to read. */
  static boolean hidden(String column) {
    return column.equals(Columns.DEAD) || column.equals(Columns.RAW);
  }

  /** Rows of these columns made from others in a way that is not known. */
  static LogicalPlan made(StructType columns, LogicalPlan from) {
    List<Attribute> had = CollectionConverters.asJava(from.output());
    List<NamedExpression> output = new ArrayList<>();
    for (StructField field : columns.fields()) {
      output.add(
          had.stream()
              .filter(column -> column.name().equals(field.name()))
              .filter(column -> column.dataType().equals(field.dataType()))
              .findFirst()
              .<NamedExpression>map(column -> column)
              .orElseGet(() -> made(field)));
    }
    return new Project(seq(output), from);
  }

  private static NamedExpression made(StructField field) {
    Expression value = Literal$.MODULE$.create((Object) null, field.dataType());
    return new Alias(
        field.nullable() ? value : new KnownNotNull(value),
        field.name(),
        NamedExpression$.MODULE$.newExprId(),
        seq(List.of()),
        Option.apply(field.metadata()),
        seq(List.of()));
  }

  static <T> Seq<T> seq(List<T> items) {
    return CollectionConverters.asScala(items).toSeq();
  }
}
