package io.millrace.engine.step;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.runtime.AbstractFunction0;

/** Counts the rows that break a rule, and logs one line per task that saw any. */
final class Warning extends AbstractFunction0<Object> implements Serializable {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(ValidateStep.class);

  private final String rule;
  private final String expected;
  private transient @Nullable Tally tally;

  private Warning(ValidateStep.Rule rule) {
    this.rule = rule.rule();
    this.expected = rule.expected();
  }

  /** An expression that is true and counts how often it is evaluated. */
  static Expression count(ValidateStep.Rule rule) {
    return new ScalaUDF(
        new Warning(rule),
        DataTypes.BooleanType,
        Catalyst.seq(List.of()),
        Catalyst.seq(List.of()),
        Option.empty(),
        Option.apply("warn_" + rule.rule()),
        false,
        true);
  }

  @Override
  public Object apply() {
    TaskContext task = TaskContext.get();
    if (task == null) {
      LOG.warn("Rule {}: {} row(s) go on that break it: {}", rule, 1, expected);
      return true;
    }
    Tally current = tally;
    if (current == null || current.task != task.taskAttemptId()) {
      current = new Tally(task.taskAttemptId(), rule, expected);
      tally = current;
      task.addTaskCompletionListener(current);
    }
    current.rows++;
    return true;
  }

  private static final class Tally implements TaskCompletionListener {
    private final long task;
    private final String rule;
    private final String expected;
    private long rows;

    Tally(long task, String rule, String expected) {
      this.task = task;
      this.rule = rule;
      this.expected = expected;
    }

    @Override
    public void onTaskCompletion(TaskContext context) {
      LOG.warn("Rule {}: {} row(s) go on that break it: {}", rule, rows, expected);
    }
  }
}
