package io.millrace.sinks.kafka;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Relay;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.testing.Batches;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker behind a way that loses what it answers to a commit. */
class LostAnswerTest {
  private static final String LEDGER = "millrace-ledger-job-sink";

  private final Identity who = query();
  private final Dataset<Row> rows = sql("select cast(id as string) v from range(0, 100, 1, 2)");

  private static TransactionalKafkaSink sink(Relay relay) {
    KafkaSink.Settings settings =
        new KafkaSink.Settings(
            "localhost:" + relay.port(),
            "out",
            Optional.empty(),
            Optional.of("v"),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Map.of("compression.type", "none", "max.block.ms", "5000"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return (TransactionalKafkaSink) new KafkaSink(settings).delivering(Guarantee.EXACTLY_ONCE);
  }

  @Test
  void aCommitCountsOnceWhateverBecomesOfItsAnswer(@TempDir Path folder) {
    try (Relay relay = Relay.open();
        LocalBroker broker = LocalBroker.startBehind(relay, folder)) {
      broker.createTopic("out", 1);
      TransactionalKafkaSink sink = sink(relay);
      try (Fence<KafkaReceipt> fence = sink.start(who, APPEND, rows.schema())) {
        fence.begin(0);
        List<KafkaReceipt> receipts = Batches.tasks(sink, who, APPEND, 0, rows);
        relay.cutAtTheAnswerTo("\"batch\":0", LEDGER);
        assertThatThrownBy(() -> fence.commit(0, receipts))
            .hasMessageStartingWith("Cannot tell whether batch 0 of sink sink is committed: ")
            .hasMessageEndingWith("The next try finds it in the ledger topic " + LEDGER);
        assertThat(relay.lost()).isTrue();
      }
      relay.restore();

      try (Fence<KafkaReceipt> next = sink.start(who, APPEND, rows.schema())) {
        assertThat(next.last()).as("the commit that nobody confirmed").isZero();
        next.begin(1);
        List<KafkaReceipt> receipts = Batches.tasks(sink, who, APPEND, 1, rows);
        relay.loseTheAnswerTo("\"batch\":1", LEDGER);
        next.commit(1, receipts);
        assertThat(relay.lost()).isTrue();
        assertThat(next.last()).isEqualTo(1);
      }
      try (TransactionFence one =
          sink.start(who, APPEND, rows.schema(), TransactionFence.Way.IN_ONE_TASK)) {
        relay.loseTheAnswerTo("\"batch\":2", LEDGER);
        KafkaReceipt receipt = one.gather(2, Batches.oneTask(who, APPEND, 2, rows));
        assertThat(relay.lost()).isTrue();
        assertThat(receipt.rows()).isEqualTo(100);
        assertThat(one.last()).isEqualTo(2);
      }
      Topics.awaitDecided(broker.servers(), "out");
      assertThat(Topics.values(broker.servers(), "out")).hasSize(300);
    }
  }
}
