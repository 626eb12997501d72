package io.millrace.engine.step;

import io.millrace.engine.spi.Configured;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.TextFault;
import io.millrace.engine.spi.UserClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState$;
import org.apache.spark.sql.catalyst.plans.logical.UpdateEventTimeWatermarkColumn;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * A user's own {@code StatefulProcessor<Row, Row, Row>}: it gets the {@code by} columns as the key,
 * all columns as rows, in any order within a batch, and timers in event time. Rows behind the
 * watermark do not come to it.
 */
public record StatefulStep(Settings settings) implements KeyedStep {
  private static final long serialVersionUID = 1;

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Your public class, which extends StatefulProcessor<Row, Row, Row>") String className,
      @Doc("Columns that rows are grouped by") List<String> by,
      @Doc("Columns of the rows that it gives, such as id string, total double") String output,
      @Doc(
              "Which of these is the event time for steps with state below, no earlier than the"
                  + " watermark; without, there can be none below")
          Optional<String> time,
      @Doc("Handed to the class, which implements Configured then") Map<String, String> settings,
      @Doc("Accept that the class may keep state for ever") @Default("false") boolean unbounded) {
    public Settings {
      by = List.copyOf(by);
      if (by.isEmpty()) {
        throw new IllegalArgumentException("Missing by. Write by: [user_id]");
      }
      StructType columns = Ddl.parse("output", output);
      time.ifPresent(name -> timestamp(columns, name));
      Class<?> found = UserClass.find(className, StatefulProcessor.class);
      if (!settings.isEmpty() && !Configured.class.isAssignableFrom(found)) {
        throw new IllegalArgumentException(
            "Cannot hand settings to "
                + className
                + ": it does not implement "
                + Configured.class.getName()
                + ". Leave out settings");
      }
    }

    private static void timestamp(StructType columns, String name) {
      Optional<StructField> field =
          Stream.of(columns.fields()).filter(each -> each.name().equals(name)).findFirst();
      if (field.isEmpty() || !field.get().dataType().equals(DataTypes.TimestampType)) {
        throw new TextFault(
            "time",
            1,
            1,
            "Expected time to be a timestamp column of output, found "
                + name
                + ". There are "
                + columns.toDDL());
      }
    }
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it is a class of the job's own with state by key");
  }

  @Override
  public List<Keeping> keeping() {
    return List.of(new Keeping.Own(settings.by()));
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan all = inputs.get(0).plan();
    if (!all.isStreaming()) {
      throw new IllegalArgumentException(
          "Cannot run over a table: its timers go by the watermark of a stream. Run the job without"
              + " --batch");
    }
    Keyed keyed = Keyed.by(all, settings.by());
    List<NamedExpression> columns = List.copyOf(keyed.shown());
    LogicalPlan rows =
        Catalyst.project(columns, new Filter(new IsNotNull(keyed.time()), keyed.rows()));
    Encoder<Row> values = Encoders.row(types(keyed.shown()));
    LogicalPlan made =
        TransformWithState$.MODULE$.<Row, Row, Row>apply(
            Catalyst.seq(keyed.keys()),
            Catalyst.seq(keyed.shown()),
            processor(),
            TimeMode.EventTime(),
            OutputMode.Append(),
            rows,
            Encoders.row(types(keyed.keys())),
            values,
            Encoders.row(Ddl.parse("output", settings.output())));
    return settings
        .time()
        .<LogicalPlan>map(
            time -> new UpdateEventTimeWatermarkColumn(Catalyst.column(time), Option.empty(), made))
        .orElse(made);
  }

  private static StructType types(List<Attribute> columns) {
    StructType types = new StructType();
    for (Attribute column : columns) {
      types = types.add(column.name(), column.dataType(), true);
    }
    return types;
  }

  @SuppressWarnings("unchecked") // its rows are checked when they are given to Spark
  private StatefulProcessor<Row, Row, Row> processor() {
    StatefulProcessor<?, ?, ?> made = UserClass.make(settings.className(), StatefulProcessor.class);
    if (made instanceof Configured own) {
      own.configure(settings.settings());
    }
    return (StatefulProcessor<Row, Row, Row>) made;
  }
}
