package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Shorthand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The rows of all inputs, columns matched by name, in the order of the first input. */
public record UnionStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Names of the sources and steps to put together") @Shorthand List<String> of,
      @Doc("What becomes of a column that an input does not have") @Default("refuse")
          Missing missing) {
    public Settings {
      of = List.copyOf(of);
      if (of.size() < 2) {
        throw new IllegalArgumentException(
            "Needs two inputs or more, found " + of + ". Write [one, other]");
      }
      if (new HashSet<>(of).size() < of.size()) {
        throw new IllegalArgumentException(
            "Cannot put an input together with itself: " + of + ". Name each once");
      }
    }
  }

  /** What becomes of a column that an input does not have. */
  public enum Missing {
    /** It is a mistake of the job. */
    REFUSE,
    /** It is null in the rows of that input. */
    NULLS
  }

  @Override
  public List<String> reads(List<String> from) {
    return settings.of();
  }

  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    Map<String, Attribute> columns = new LinkedHashMap<>();
    for (Input input : inputs) {
      Catalyst.list(input.plan().output())
          .forEach(column -> columns.putIfAbsent(column.name(), column));
    }
    Map<String, DataType> coordinates = coordinates(inputs);
    List<LogicalPlan> aligned =
        inputs.stream()
            .map(input -> aligned(input, List.copyOf(columns.values()), coordinates))
            .toList();
    return new Union(Catalyst.seq(aligned), false, false);
  }

  /**
   * The fields of all coordinates together, where inputs have different ones, such as a topic's and
   * a folder's; else nothing.
   */
  private static Map<String, DataType> coordinates(List<Input> inputs) {
    Map<String, DataType> fields = new LinkedHashMap<>();
    Set<DataType> types = new LinkedHashSet<>();
    for (Input input : inputs) {
      Optional<Attribute> source = Catalyst.attribute(input.plan(), Columns.SOURCE);
      if (source.isPresent() && source.get().dataType() instanceof StructType struct) {
        types.add(struct.asNullable());
        for (StructField field : struct.fields()) {
          fields.putIfAbsent(field.name(), field.dataType());
        }
      }
    }
    return types.size() > 1 ? fields : Map.of();
  }

  private static NamedExpression source(Input input, Map<String, DataType> fields) {
    StructType whole = new StructType();
    for (Map.Entry<String, DataType> field : fields.entrySet()) {
      whole = whole.add(field.getKey(), field.getValue());
    }
    Literal none = new Literal(null, whole);
    Optional<Attribute> source = Catalyst.attribute(input.plan(), Columns.SOURCE);
    if (source.isEmpty()) {
      return Catalyst.as(Columns.SOURCE, none);
    }
    List<String> own = List.of(((StructType) source.get().dataType()).fieldNames());
    List<Expression> parts = new ArrayList<>();
    fields.forEach(
        (name, type) -> {
          parts.add(Catalyst.text(name));
          parts.add(
              own.contains(name) ? Catalyst.column(Columns.SOURCE, name) : new Literal(null, type));
        });
    Expression together = Catalyst.call("named_struct", parts.toArray(Expression[]::new));
    Expression absent = Catalyst.call("isnull", Catalyst.column(Columns.SOURCE));
    return Catalyst.as(Columns.SOURCE, Catalyst.call("if", absent, none, together));
  }

  private LogicalPlan aligned(
      Input input, List<Attribute> columns, Map<String, DataType> coordinates) {
    List<NamedExpression> list = new ArrayList<>();
    for (Attribute column : columns) {
      if (column.name().equals(Columns.SOURCE) && !coordinates.isEmpty()) {
        list.add(source(input, coordinates));
        continue;
      }
      list.add(
          Catalyst.attribute(input.plan(), column.name())
              .<NamedExpression>map(own -> own)
              .orElseGet(() -> absent(input, column)));
    }
    return Catalyst.project(list, input.plan());
  }

  private NamedExpression absent(Input input, Attribute column) {
    if (settings.missing() == Missing.REFUSE && !Catalyst.hidden(column.name())) {
      throw new IllegalArgumentException(
          "Missing column "
              + column.name()
              + " in "
              + input.name()
              + ". Select it there, or write missing: nulls");
    }
    return Catalyst.as(column.name(), new Literal(null, column.dataType()));
  }
}
