package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Dropped;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.TextFault;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.TryEval;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Named conditions that rows must meet. A condition that is false or null, or that cannot be
 * computed for a row, is broken; a row that breaks several has the strictest of their fates: fail,
 * dead-letter, drop, warn.
 *
 * <p>A dead letter names every rule that it broke, in the order of the file. Its {@code source} is
 * null: which source a row came from is known to the engine alone.
 *
 * @param name what the job calls the step
 */
public record ValidateStep(Settings settings, String name) implements Planned {
  private static final long serialVersionUID = 1;

  /** What the step is asked to do. */
  public record Settings(@Doc("Conditions that rows must meet") @Shorthand List<Rule> rules) {
    public Settings {
      rules = List.copyOf(rules);
      if (rules.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing rules. Write at least one, such as {rule: paid, that: \"price > 0\"}");
      }
      Set<String> names = new HashSet<>();
      for (Rule rule : rules) {
        if (!names.add(rule.rule())) {
          throw new IllegalArgumentException(
              "Cannot have two rules named " + rule.rule() + ". Give each a name of its own");
        }
      }
    }
  }

  /** A condition, its name and what becomes of a row that does not meet it. */
  public record Rule(
      @Doc("Name of the rule") String rule,
      @Doc("The condition, in SQL") String that,
      @Doc("What becomes of a row that does not meet it") @Default("dead-letter") Fate else_)
      implements Serializable {
    private static final long serialVersionUID = 1;

    public Rule {
      if (rule.isBlank()) {
        throw new IllegalArgumentException("Missing name of the rule. Write rule: some_name");
      }
    }

    String expected() {
      return "expected " + that.strip().replaceAll("\\s+", " ");
    }
  }

  /** What becomes of a row that breaks a rule. */
  public enum Fate {
    /** It goes to the job's dead letters. */
    DEAD_LETTER,
    /** It is left out. */
    DROP,
    /** It goes on. The log counts such rows batch by batch, and says where the first came from. */
    WARN,
    /** The job stops. */
    FAIL
  }

  public ValidateStep(Settings settings) {
    this(settings, "");
  }

  @Override
  public ValidateStep named(String newName) {
    return new ValidateStep(settings, newName);
  }

  @Override
  public boolean tags() {
    return settings.rules().stream().anyMatch(rule -> rule.else_() == Fate.DEAD_LETTER);
  }

  @Override
  public List<TextFault> faults() {
    return IntStream.range(0, settings.rules().size())
        .boxed()
        .flatMap(i -> Catalyst.faults(() -> condition(i)))
        .toList();
  }

  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public Effect effect() {
    return Effect.SIFTS;
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    return tagged(rows, new Filter(kept(rows), flagged(rows)));
  }

  /** The rows and one column per rule: whether a live row breaks it. */
  private LogicalPlan flagged(LogicalPlan rows) {
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    for (int i = 0; i < settings.rules().size(); i++) {
      columns.add(Catalyst.as(flag(i), broken(i, rows)));
    }
    return Catalyst.project(columns, rows);
  }

  private Expression broken(int index, LogicalPlan rows) {
    Expression condition = condition(index);
    Expression live = new If(new TryEval(condition), Catalyst.truth(false), Catalyst.truth(true));
    return new If(DeadLetter.is(rows).orElseGet(Never::call), Catalyst.truth(false), live);
  }

  private Expression condition(int index) {
    String setting = "rules." + index + ".that";
    Expression condition = Catalyst.expression(setting, settings.rules().get(index).that());
    if (Catalyst.aggregates(condition)
        || Catalyst.contains(condition, part -> part instanceof WindowExpression)) {
      throw new TextFault(
          setting,
          1,
          1,
          "Cannot aggregate in a rule: "
              + settings.rules().get(index).that()
              + ". A rule looks at one row; put the aggregate in a sql or window step above");
    }
    return condition;
  }

  private Expression kept(LogicalPlan rows) {
    Expression dead = DeadLetter.is(rows).orElseGet(() -> Catalyst.truth(false));
    Expression letter = new Or(dead, any(Fate.DEAD_LETTER));
    Expression dropped = Catalyst.call(new Dropped(), DataTypes.BooleanType, List.of());
    Expression kept = new Or(letter, new If(any(Fate.DROP), dropped, Catalyst.truth(true)));
    return new And(failing(rows), new And(warning(rows), kept));
  }

  /** True, unless it stops the job. */
  private Expression failing(LogicalPlan rows) {
    return each(
        Fate.FAIL,
        index -> {
          Rule rule = settings.rules().get(index);
          String text =
              "Rule " + rule.rule() + " of step " + name + " is broken: " + rule.expected() + ". ";
          Expression origin =
              where(rows)
                  .<Expression>map(
                      where -> Catalyst.call("concat", Catalyst.text("The row came from "), where))
                  .orElseGet(() -> Catalyst.text("Its source gives no coordinates"));
          return new Cast(
              Catalyst.call("raise_error", Catalyst.call("concat", Catalyst.text(text), origin)),
              DataTypes.BooleanType,
              Option.empty(),
              EvalMode.LEGACY());
        });
  }

  /** Always true, and counts what it sees. */
  private Expression warning(LogicalPlan rows) {
    Expression where = where(rows).orElseGet(() -> Catalyst.text("a source without coordinates"));
    return each(Fate.WARN, index -> Warning.count(name, settings.rules().get(index), where));
  }

  private Expression each(Fate fate, Function<Integer, Expression> then) {
    return indexes(fate)
        .mapToObj(i -> (Expression) new If(column(i), then.apply(i), Catalyst.truth(true)))
        .reduce(And::new)
        .orElseGet(() -> Catalyst.truth(true));
  }

  /** A text that says where a row came from, if its source tells. */
  private static Optional<Expression> where(LogicalPlan rows) {
    Optional<StructType> type =
        Catalyst.attribute(rows, Columns.SOURCE)
            .map(Attribute::dataType)
            .filter(StructType.class::isInstance)
            .map(StructType.class::cast);
    if (type.isEmpty()) {
      return Optional.empty();
    }
    List<Expression> parts = new ArrayList<>(List.of(Catalyst.text(" ")));
    for (String field : type.get().fieldNames()) {
      if (!field.equals("key")) {
        parts.add(
            Catalyst.call(
                "concat",
                Catalyst.text(field + " "),
                new Cast(
                    Catalyst.column(Columns.SOURCE, field),
                    DataTypes.StringType,
                    Option.empty(),
                    EvalMode.LEGACY())));
      }
    }
    return Optional.of(Catalyst.call("concat_ws", parts.toArray(Expression[]::new)));
  }

  private LogicalPlan tagged(LogicalPlan rows, LogicalPlan kept) {
    List<NamedExpression> columns = DeadLetter.others(rows);
    if (tags()) {
      columns.add(DeadLetter.column(rows, any(Fate.DEAD_LETTER), letter()));
    } else {
      Catalyst.attribute(rows, Columns.DEAD).ifPresent(columns::add);
    }
    return Catalyst.project(columns, kept);
  }

  private Expression letter() {
    return DeadLetter.of(
        name, told(", ", Rule::rule), told("; ", rule -> rule.rule() + ": " + rule.expected()));
  }

  /** What is to be said of every broken rule, in the order of the file. */
  private Expression told(String separator, Function<Rule, String> text) {
    List<Expression> parts = new ArrayList<>(List.of(Catalyst.text(separator)));
    for (int i = 0; i < settings.rules().size(); i++) {
      parts.add(
          new If(
              column(i),
              Catalyst.text(text.apply(settings.rules().get(i))),
              new Literal(null, DataTypes.StringType)));
    }
    return Catalyst.call("concat_ws", parts.toArray(Expression[]::new));
  }

  private Expression any(Fate fate) {
    return indexes(fate)
        .mapToObj(ValidateStep::column)
        .reduce(Or::new)
        .orElseGet(() -> Catalyst.truth(false));
  }

  private IntStream indexes(Fate fate) {
    return IntStream.range(0, settings.rules().size())
        .filter(i -> settings.rules().get(i).else_() == fate);
  }

  private static String flag(int index) {
    return "_broken_" + index;
  }

  private static Expression column(int index) {
    return Catalyst.column(flag(index));
  }
}
