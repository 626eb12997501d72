package io.millrace.engine.step;

import io.millrace.engine.spi.Notice;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;

/** Says how many rows of a batch break a rule and go on, and where the first of them came from. */
final class Warning {
  private Warning() {}

  /**
   * An expression that is true and counts how often it is evaluated.
   *
   * @param where a text about the row, evaluated for the first ones only
   */
  static Expression count(String step, ValidateStep.Rule rule, Expression where) {
    WarningTally tally = new WarningTally();
    // No context, no tasks: the plan is only looked at.
    Option<SparkContext> context = SparkContext$.MODULE$.getActive();
    if (context.isDefined()) {
      context.get().register(tally);
    }
    Expression counted =
        Catalyst.call(new Count(tally, step, rule), DataTypes.BooleanType, List.of());
    Expression kept = Catalyst.call(new Where(tally), DataTypes.BooleanType, List.of(where));
    return new If(counted, kept, Catalyst.truth(true));
  }

  /** Counts a row; true if it is one of the first of its task. */
  private static final class Count extends AbstractFunction0<Object>
      implements Notice, Serializable {
    private static final long serialVersionUID = 1;

    private final WarningTally tally;
    private final String step;
    private final ValidateStep.Rule rule;

    Count(WarningTally tally, String step, ValidateStep.Rule rule) {
      this.tally = tally;
      this.step = step;
      this.rule = rule;
    }

    @Override
    public Object apply() {
      return tally.count();
    }

    @Override
    public Optional<String> take() {
      WarningTally.Seen seen = tally.take();
      return seen.rows() == 0
          ? Optional.empty()
          : Optional.of(
              String.format(
                  Locale.ROOT,
                  "%,d row(s) break rule %s of step %s and go on: %s. %s: %s",
                  seen.rows(),
                  rule.rule(),
                  step,
                  rule.expected(),
                  seen.rows() > seen.first().size() ? "The first came from" : "They came from",
                  String.join("; ", seen.first())));
    }
  }

  /** Keeps where a row came from. Always true. */
  private static final class Where extends AbstractFunction1<Object, Object>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final WarningTally tally;

    Where(WarningTally tally) {
      this.tally = tally;
    }

    @Override
    public Object apply(Object where) {
      tally.add(String.valueOf(where));
      return true;
    }
  }
}
