package io.millrace.engine.step;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Shorthand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;

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
    List<LogicalPlan> aligned =
        inputs.stream().map(input -> aligned(input, List.copyOf(columns.values()))).toList();
    return new Union(Catalyst.seq(aligned), false, false);
  }

  private LogicalPlan aligned(Input input, List<Attribute> columns) {
    List<NamedExpression> list = new ArrayList<>();
    for (Attribute column : columns) {
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
