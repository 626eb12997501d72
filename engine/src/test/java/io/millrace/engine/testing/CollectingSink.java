package io.millrace.engine.testing;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * A row sink in this JVM: what became visible, by sink and batch, as an exactly-once sink has it.
 */
public record CollectingSink(String name) implements RowSink<CollectingSink.Rows> {
  private static final Map<String, SortedMap<Long, List<Row>>> VISIBLE = new ConcurrentHashMap<>();

  /** The rows of one task. */
  public record Rows(List<Row> taken) implements Receipt {
    @Override
    public long rows() {
      return taken.size();
    }
  }

  /** All visible rows, in the order of their batches. */
  public List<Row> rows() {
    return batches().values().stream().flatMap(List::stream).toList();
  }

  /** Visible rows by batch; an empty batch is there too. */
  public SortedMap<Long, List<Row>> batches() {
    return VISIBLE.computeIfAbsent(name, key -> new TreeMap<>());
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public Fence<Rows> start(Identity who, Writing how, StructType rows) {
    return new Ledger(batches());
  }

  @Override
  public RowWriter<Rows> writer(Attempt attempt) {
    return new Writer(attempt.rows());
  }

  private record Ledger(SortedMap<Long, List<Row>> batches) implements Fence<Rows> {
    @Override
    public long last() {
      return batches.isEmpty() ? -1 : batches.lastKey();
    }

    @Override
    public void begin(long batch) {}

    @Override
    public void commit(long batch, List<Rows> receipts) {
      List<Row> all = receipts.stream().flatMap(rows -> rows.taken().stream()).toList();
      if (batches.putIfAbsent(batch, all) != null) {
        throw new IllegalStateException("Batch " + batch + " is there already");
      }
    }

    @Override
    public void abort(long batch) {}

    @Override
    public void close() {}
  }

  private static final class Writer implements RowWriter<Rows> {
    private final StructType schema;
    private final List<Row> taken = new ArrayList<>();

    Writer(StructType schema) {
      this.schema = schema;
    }

    @Override
    public void write(InternalRow row) {
      taken.add((Row) CatalystTypeConverters.convertToScala(row.copy(), schema));
    }

    @Override
    public Rows finish() {
      return new Rows(List.copyOf(taken));
    }

    @Override
    public void close() {}
  }
}
