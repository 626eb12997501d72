package io.millrace.jobs.trial;

import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.TestSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The columns that a test gives to a table of which the job names none: those of its rows, of the
 * type that their values have in YAML, and those by which the job looks rows up.
 */
final class GivenColumns {
  private GivenColumns() {}

  static StructType of(JobSpec job, TestSpec test, String table) {
    Map<String, DataType> types = new LinkedHashMap<>();
    job.steps().stream()
        .flatMap(step -> keys(step, table))
        .forEach(key -> types.put(key, DataTypes.NullType));
    test.given().stream()
        .flatMap(given -> given.rows().stream())
        .filter(rows -> rows.name().text().equals(table))
        .flatMap(rows -> rows.rows().stream())
        .filter(Fields.class::isInstance)
        .forEach(
            row ->
                ((Fields) row)
                    .fields()
                    .forEach(
                        (name, field) ->
                            types.merge(name, type(field.value()), GivenColumns::wider)));
    StructType columns = new StructType();
    for (Map.Entry<String, DataType> column : types.entrySet()) {
      boolean unknown = column.getValue().equals(DataTypes.NullType);
      columns = columns.add(column.getKey(), unknown ? DataTypes.StringType : column.getValue());
    }
    return columns;
  }

  private static Stream<String> keys(StepSpec step, String table) {
    if (!step.part().kind().equals("lookup")
        || !(step.part().settings() instanceof Fields settings)
        || !text(settings.fields().get("table")).equals(List.of(table))) {
      return Stream.of();
    }
    return text(settings.fields().get("on")).stream();
  }

  private static List<String> text(@Nullable Field field) {
    if (field != null && field.value() instanceof Items items) {
      return items.items().stream()
          .filter(Leaf.class::isInstance)
          .map(item -> ((Leaf) item).text())
          .toList();
    }
    return field != null && field.value() instanceof Leaf leaf ? List.of(leaf.text()) : List.of();
  }

  private static DataType type(Tree value) {
    if (!(value instanceof Leaf leaf)) {
      return DataTypes.StringType;
    }
    return switch (leaf.type()) {
      case WHOLE -> DataTypes.LongType;
      case DECIMAL -> DataTypes.DoubleType;
      case TRUTH -> DataTypes.BooleanType;
      case NOTHING -> DataTypes.NullType;
      case TEXT, BROKEN, UNSET -> DataTypes.StringType;
    };
  }

  /** A type for values of both. */
  private static DataType wider(DataType one, DataType other) {
    if (one.equals(other) || other.equals(DataTypes.NullType)) {
      return one;
    }
    if (one.equals(DataTypes.NullType)) {
      return other;
    }
    boolean numbers =
        Stream.of(one, other)
            .allMatch(type -> type.equals(DataTypes.LongType) || type.equals(DataTypes.DoubleType));
    return numbers ? DataTypes.DoubleType : DataTypes.StringType;
  }
}
