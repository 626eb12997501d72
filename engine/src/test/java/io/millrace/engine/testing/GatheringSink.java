package io.millrace.engine.testing;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.OneTask;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** A row sink that takes the rows of a batch in one task. */
public record GatheringSink(CollectingSink sink) implements RowSink<CollectingSink.Rows> {

  @Override
  public Guarantee guarantee(Writing how) {
    return sink.guarantee(how);
  }

  @Override
  public Fence<CollectingSink.Rows> start(Identity who, Writing how, StructType rows) {
    return new Gatherer(sink, sink.start(who, how, rows));
  }

  @Override
  public RowWriter<CollectingSink.Rows> writer(Attempt attempt) {
    throw new UnsupportedOperationException("Only the one task opens a writer");
  }

  private record Gatherer(CollectingSink sink, Fence<CollectingSink.Rows> fence)
      implements Fence<CollectingSink.Rows> {
    @Override
    public long last() {
      return fence.last();
    }

    @Override
    public void begin(long batch) {
      fence.begin(batch);
    }

    @Override
    public boolean gathers() {
      return true;
    }

    @Override
    public CollectingSink.Rows gather(long batch, OneTask<CollectingSink.Rows> rows) {
      CollectingSink.Rows receipt = rows.run(sink);
      fence.commit(batch, List.of(receipt));
      return receipt;
    }

    @Override
    public void commit(long batch, List<CollectingSink.Rows> receipts) {
      throw new UnsupportedOperationException("Batches are gathered");
    }

    @Override
    public void abort(long batch) {
      fence.abort(batch);
    }

    @Override
    public void close() {
      fence.close();
    }
  }
}
