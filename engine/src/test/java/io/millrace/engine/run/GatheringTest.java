package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.OneTask;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.CollectingSink;
import io.millrace.engine.testing.Sessions;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private final CollectingSink sink = new CollectingSink("gathering");
  private final Dataset<Row> rows = Sessions.spark().sql("select id from range(0, 40, 1, 4)");

  private TaskOutput output() {
    Attempt attempt =
        new Attempt(
            new Identity("job", "sink", "query", UUID.randomUUID()),
            new Writing(Mode.APPEND, Write.APPEND),
            0,
            UUID.randomUUID(),
            rows.schema());
    return new TaskOutput("sink", sink, attempt, RowPath.straight(rows));
  }

  private JavaRDD<InternalRow> rdd() {
    return rows.queryExecution().toRdd().toJavaRDD();
  }

  @Test
  void handsOnAllRowsThatWereCountedEachPartitionInItsOrder() {
    try (Gathering gathering = new Gathering()) {
      assertThat(gathering.keep(output(), rows))
          .hasSize(4)
          .allSatisfy(
              counted -> {
                assertThat(counted.arrived()).isEqualTo(10);
                assertThat(counted.receipt().rows()).isZero();
              });
      assertThat(gathering.keep(output(), rows.where("id < 3"))).hasSize(4);
      OneTask<CollectingSink.Rows> all = gathering.rows("sink");
      List<Long> ids = all.run(sink).taken().stream().map(row -> row.getLong(0)).toList();
      assertThat(ids).hasSize(43).startsWith(0L, 1L, 2L).endsWith(0L, 1L, 2L);
      assertThat(ids.subList(0, 40)).isSorted();
    }
  }

  @Test
  void writesNoRowsThatAreNotTheSameTwice() {
    assertThatThrownBy(() -> RowJob.inOneTask(rdd(), output(), new TaskOutput.Counted(40, 1)))
        .hasStackTraceContaining(
            "Cannot write rows that are not the same twice: the machine that kept them is gone, and"
                + " worked out anew they are others.");
  }

  @Test
  void oneTaskIsThereAlsoForABatchWithoutAnyPartition() {
    JavaRDD<InternalRow> none =
        Sessions.spark().emptyDataFrame().queryExecution().toRdd().toJavaRDD();
    assertThat(none.getNumPartitions()).isZero();
    assertThat(RowJob.inOneTask(none, output(), new TaskOutput.Counted(0, 0)).receipt().rows())
        .isZero();
  }
}
