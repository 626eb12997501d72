package io.millrace.engine.run;

import java.util.Optional;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.CurrentBatchTimestamp;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.types.DataTypes;
import scala.Function1;
import scala.runtime.AbstractPartialFunction;

/**
 * The clock of frames over the rows of one batch. In a stream's own plan Spark reads it as the time
 * that it notes of the batch, which is the same when the batch comes again; in a plan over the
 * batch it would be the time of planning, so somebody who feeds batches states it.
 */
final class BatchTime {
  private static final String PROPERTY = "millrace.batch.time";

  private final SparkSession spark;
  private final UUID queryId;

  BatchTime(SparkSession spark, UUID queryId) {
    this.spark = spark;
    this.queryId = queryId;
  }

  /** The same frame with the time of the running batch; where no stream runs, as it is. */
  Dataset<Row> pinned(Dataset<Row> rows) {
    return rows.queryExecution().analyzed().containsPattern(TreePattern.CURRENT_LIKE())
        ? Catalyst.batch(spark, queryId)
            .map(batch -> batch.offsetSeqMetadata().batchTimestampMs())
            .or(this::stated)
            .map(millis -> at(rows, millis))
            .orElse(rows)
        : rows;
  }

  /** States it for the frames of this thread, where no stream does. */
  static void set(SparkContext context, long millis) {
    context.setLocalProperty(PROPERTY, Long.toString(millis));
  }

  private Optional<Long> stated() {
    return Optional.ofNullable(spark.sparkContext().getLocalProperty(PROPERTY)).map(Long::valueOf);
  }

  /** The same frame with this time. */
  static Dataset<Row> at(Dataset<Row> rows, long millis) {
    return Catalyst.frame(
        rows.sparkSession(),
        rows.queryExecution()
            .analyzed()
            .transformAllExpressionsWithSubqueries(new Pinning(millis)));
  }

  private static final class Pinning extends AbstractPartialFunction<Expression, Expression> {
    private static final long serialVersionUID = 1;

    private final long millis;

    Pinning(long millis) {
      this.millis = millis;
    }

    @Override
    public boolean isDefinedAt(Expression part) {
      return part instanceof CurrentTimestampLike
          || part instanceof CurrentDate
          || part instanceof LocalTimestamp;
    }

    @Override
    @SuppressWarnings("unchecked") // B1 is a supertype of Expression, as Scala's signature says
    public <A1 extends Expression, B1> B1 applyOrElse(A1 part, Function1<A1, B1> otherwise) {
      if (part instanceof CurrentDate date) {
        return (B1)
            new CurrentBatchTimestamp(millis, DataTypes.DateType, date.timeZoneId()).toLiteral();
      }
      if (part instanceof LocalTimestamp local) {
        return (B1)
            new CurrentBatchTimestamp(millis, DataTypes.TimestampNTZType, local.timeZoneId())
                .toLiteral();
      }
      return isDefinedAt(part)
          ? (B1)
              new CurrentBatchTimestamp(millis, DataTypes.TimestampType, scala.Option.apply("UTC"))
                  .toLiteral()
          : otherwise.apply(part);
    }
  }
}
