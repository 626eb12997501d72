package io.millrace.models.onnx;

import ai.onnxruntime.OrtSession;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of ONNX Runtime in this JVM, whose memory no garbage collector knows: one for each
 * version of a model in a place of a query, which all tasks share. A place keeps those in use, and
 * of the others so many that it has two. What a query left behind that runs no longer is closed
 * some minutes after, when any task lends or gives back. It can be asked also where ONNX Runtime is
 * not on the class path, and then has none.
 */
public final class Sessions {
  static final int MOST = 2;
  static final Duration STALE = Duration.ofMinutes(10);

  /** Those of this JVM. */
  private static final Sessions ALL = new Sessions(Clock.systemUTC());

  private final Map<Key, Shared> shared = new ConcurrentHashMap<>();
  private final Clock clock;

  Sessions(Clock clock) {
    this.clock = clock;
  }

  /**
   * Whose session it is.
   *
   * @param place one role in one start of a query, in whatever JVM
   */
  public record Key(String place, String version) implements Serializable {}

  /** Those of this JVM. */
  static Sessions all() {
    return ALL;
  }

  /** Closes those of a place that nobody uses: it has no more tasks. */
  public static void leave(String place) {
    ALL.closeUnused(place);
  }

  /** How many are open in this JVM in a place. */
  public static int open(String place) {
    return ALL.count(place);
  }

  void closeUnused(String place) {
    for (Shared each : of(place)) {
      boolean unused = each.closeUnused();
    }
  }

  int count(String place) {
    return of(place).size();
  }

  int count() {
    return shared.size();
  }

  /** Lends a session, which is opened where there is none yet. */
  Lease lend(Key key, Supplier<byte[]> model) {
    Lease lease = null;
    while (lease == null) {
      lease = shared.computeIfAbsent(key, Shared::new).lend(model);
    }
    tidy(key.place());
    return lease;
  }

  private List<Shared> of(String place) {
    return shared.values().stream()
        .filter(each -> each.key.place().equals(place))
        .sorted(Comparator.comparing(Shared::used))
        .toList();
  }

  private void tidy(String place) {
    List<Shared> own = of(place);
    int excess = own.size() - MOST;
    for (Shared oldest : own) {
      if (excess > 0 && oldest.closeUnused()) {
        excess--;
      }
    }
    Instant stale = clock.instant().minus(STALE);
    for (Shared each : shared.values()) {
      if (each.used().isBefore(stale)) {
        boolean unused = each.closeUnused();
      }
    }
  }

  /** A session in the hands of one who gives it back. */
  final class Lease implements AutoCloseable {
    private final Shared lent;
    private final OrtSession session;

    private Lease(Shared lent, OrtSession session) {
      this.lent = lent;
      this.session = session;
    }

    OrtSession session() {
      return session;
    }

    @Override
    public void close() {
      lent.takeBack();
      tidy(lent.key.place());
    }
  }

  private final class Shared {
    private final Key key;
    private @Nullable OrtSession session;
    private int users;
    private boolean closed;
    private volatile Instant used;

    Shared(Key key) {
      this.key = key;
      this.used = clock.instant();
    }

    Instant used() {
      return used;
    }

    /** Null where it was closed meanwhile. */
    synchronized @Nullable Lease lend(Supplier<byte[]> model) {
      if (closed) {
        return null;
      }
      OrtSession known = session;
      if (known == null) {
        known = opened(model.get());
        session = known;
      }
      users++;
      used = clock.instant();
      return new Lease(this, known);
    }

    private OrtSession opened(byte[] model) {
      try {
        return OnnxRuntime.open(key.version(), model);
      } catch (RuntimeException e) {
        closed = true;
        shared.remove(key, this);
        throw e;
      }
    }

    synchronized void takeBack() {
      users--;
      used = clock.instant();
    }

    /** False where it is in use, or was closed before. */
    synchronized boolean closeUnused() {
      if (users > 0 || closed) {
        return false;
      }
      closed = true;
      shared.remove(key, this);
      OrtSession known = session;
      if (known != null) {
        OnnxRuntime.close(known);
      }
      return true;
    }
  }
}
