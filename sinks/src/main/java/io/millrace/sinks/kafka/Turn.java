package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writers;
import java.util.Optional;

/**
 * What the task has to know that all rows of a batch pass through. It travels there.
 *
 * @param held what the driver knows of the sink
 * @param position of the ledger topic, up to which that is known
 * @param origin of the batch
 */
record Turn(KafkaSink.Settings settings, Held held, long position, Optional<Origin> origin)
    implements Writers<KafkaReceipt> {

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    Transactions transactions = Transactions.of(settings, attempt.who());
    return TaskTransaction.open(
        transactions,
        Marks.from(transactions.ledger(), attempt.who(), position, held),
        this,
        attempt);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
