package io.millrace.engine.fold;

import io.millrace.engine.fold.Firing.Pane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that give results before their end and behind it. Rows are told as they come, so a key
 * has several at a time, and a row between two makes one of them.
 *
 * @param gap how long the key is silent between two sessions, in microseconds
 */
public record Sessions(Aggregation aggregation, WindowResult result, Firing firing, long gap)
    implements Fold {
  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Session {
    private static final int HEAD = 3 * Long.BYTES + 1 + Integer.BYTES;

    private final Book book;
    private final EarlyClock clock;
    private long start;
    private long end;
    private boolean closed;

    Session(Book book, EarlyClock clock, long start, long end) {
      this.book = book;
      this.clock = clock;
      this.start = start;
      this.end = end;
    }

    /** Whether it has rows that an early result may tell. */
    boolean waits() {
      return !closed && book.rows() > 0;
    }

    boolean meets(long from, long until) {
      return start < until && from < end;
    }

    void spans(long from, long until) {
      start = Math.min(start, from);
      end = Math.max(end, until);
    }

    /** Becomes one with another. */
    void merge(Session other) {
      book.merge(other.book);
      spans(other.start, other.end);
      clock.merge(other.clock);
      closed |= other.closed;
    }

    void into(ByteBuffer buffer, byte[] packed) {
      buffer.putLong(start).putLong(end).putLong(clock.packed()).put((byte) (closed ? 1 : 0));
      buffer.putInt(packed.length).put(packed);
    }

    static Session of(ByteBuffer buffer, Book book, EarlyClock clock) {
      Session session = new Session(book, clock, buffer.getLong(), buffer.getLong());
      clock.set(buffer.getLong());
      session.closed = buffer.get() == 1;
      byte[] packed = new byte[buffer.getInt()];
      buffer.get(packed);
      book.unpack(ByteBuffer.wrap(packed));
      return session;
    }
  }

  private static final class Work implements Folding {
    private final Sessions fold;
    private final Book.Kind kind;
    private final List<Session> sessions = new ArrayList<>();
    private @Nullable InternalRow key;

    Work(Sessions fold) {
      this.fold = fold;
      this.kind = Book.Kind.of(fold.aggregation, fold.result, Optional.of(fold.firing));
    }

    @Override
    public void begin(InternalRow next, byte @Nullable [] memory) {
      key = next;
      sessions.clear();
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        while (buffer.hasRemaining()) {
          sessions.add(Session.of(buffer, new Book(kind), clock()));
        }
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      Session session = session(row.getLong(Fold.TIME));
      session.book.add(row);
      if (!session.closed && full(session)) {
        fire(session, Pane.EARLY, out);
        session.clock.told();
      }
    }

    /** The session that a row lies in, made of all that it meets. */
    private Session session(long time) {
      long end = time + fold.gap;
      List<Session> met = sessions.stream().filter(each -> each.meets(time, end)).toList();
      if (met.isEmpty()) {
        Session fresh = new Session(new Book(kind), clock(), time, end);
        sessions.add(fresh);
        return fresh;
      }
      Session its = met.get(0);
      its.spans(time, end);
      met.stream().skip(1).forEach(its::merge);
      sessions.removeAll(met.subList(1, met.size()));
      return its;
    }

    private EarlyClock clock() {
      return new EarlyClock(fold.firing.every());
    }

    private boolean full(Session session) {
      return fold.firing.rows() > 0 && session.book.rows() >= fold.firing.rows();
    }

    /** A session that a late row made longer than the watermark is open again. */
    @Override
    public void batch(Now now, Consumer<InternalRow> out) {
      for (Session each : sessions) {
        boolean open = each.end > now.watermark();
        each.closed &= !open;
        each.clock.batch(now.batch());
        if (each.closed && each.book.rows() > 0) {
          fire(each, Pane.LATE, out);
        } else if (open && (full(each) || (each.waits() && each.clock.due(now.batch())))) {
          each.clock.set(now.batch());
          fire(each, Pane.EARLY, out);
        }
      }
    }

    private void fire(Session session, Pane pane, Consumer<InternalRow> out) {
      if (key != null) {
        session.book.fire(session.start, session.end, key, pane, out);
      }
    }

    @Override
    public OptionalLong due() {
      return sessions.stream()
          .filter(Session::waits)
          .flatMapToLong(each -> each.clock.due().stream())
          .min();
    }

    @Override
    public OptionalLong alarm() {
      return sessions.stream().mapToLong(this::alarm).min();
    }

    /**
     * Its end, or one that it has told and that is none any more: behind the watermark a result
     * cannot be taken back. Of one that is over, until when it takes rows.
     */
    private long alarm(Session session) {
      return session.closed
          ? session.end + fold.firing.late()
          : Math.min(session.end, session.book.told().orElse(session.end));
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      long now = alarm().orElseThrow();
      for (Session each : sessions) {
        if (!each.closed && alarm(each) == now) {
          each.closed = each.end == now;
          fire(each, each.closed ? Pane.ON_TIME : Pane.EARLY, out);
        }
      }
      sessions.removeIf(each -> each.closed && alarm(each) == now);
    }

    @Override
    public byte @Nullable [] end() {
      if (sessions.isEmpty()) {
        return null;
      }
      List<byte[]> books = sessions.stream().map(each -> each.book.packed()).toList();
      int length = books.stream().mapToInt(book -> Session.HEAD + book.length).sum();
      ByteBuffer buffer = ByteBuffer.allocate(length);
      for (int i = 0; i < books.size(); i++) {
        sessions.get(i).into(buffer, books.get(i));
      }
      return buffer.array();
    }
  }
}
