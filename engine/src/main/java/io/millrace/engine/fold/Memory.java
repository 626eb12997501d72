package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.ValueState;
import org.jspecify.annotations.Nullable;

/** What is remembered of a key: when its timer fires, and what its fold keeps. */
final class Memory {
  static final long NEVER = Long.MAX_VALUE;

  private final long timer;
  private final byte @Nullable [] fold;

  /**
   * What there is.
   *
   * @param timer in milliseconds; {@link #NEVER} if it has none
   * @param fold null if there is nothing
   */
  Memory(long timer, byte @Nullable [] fold) {
    this.timer = timer;
    this.fold = fold;
  }

  long timer() {
    return timer;
  }

  byte @Nullable [] fold() {
    return fold;
  }

  static Memory of(ValueState<byte[]> state) {
    byte[] bytes = state.get();
    if (bytes == null) {
      return new Memory(NEVER, null);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long timer = buffer.getLong();
    return new Memory(timer, buffer.get() == 0 ? null : rest(buffer));
  }

  /** What is left of a buffer. */
  static byte[] rest(ByteBuffer buffer) {
    byte[] rest = new byte[buffer.remaining()];
    buffer.get(rest);
    return rest;
  }

  /** The first watermark, in milliseconds, that has passed a time in microseconds. */
  static long passed(long micros) {
    return -Math.floorDiv(-micros, 1_000L);
  }

  /** When a fold wants to be woken, in milliseconds. */
  static long timer(Folding folding) {
    return folding.alarm().stream().map(Memory::passed).findFirst().orElse(NEVER);
  }

  /** Takes the timer of the key that Spark works on from one time to another, in milliseconds. */
  static void move(StatefulProcessorHandle handle, long from, long to) {
    if (from == to) {
      return;
    }
    if (from != NEVER) {
      handle.deleteTimer(from);
    }
    if (to != NEVER) {
      handle.registerTimer(to);
    }
  }

  void into(ValueState<byte[]> state) {
    if (timer == NEVER && fold == null) {
      state.clear();
      return;
    }
    int length = fold == null ? 0 : fold.length;
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + 1 + length);
    buffer.putLong(timer).put((byte) (fold == null ? 0 : 1));
    if (fold != null) {
      buffer.put(fold);
    }
    state.update(buffer.array());
  }
}
