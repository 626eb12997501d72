package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Reject;
import java.util.List;
import java.util.Optional;

/** The marks that were committed with the records of one sink. */
interface MarkLog extends AutoCloseable {
  /**
   * The last mark that is committed; empty if there is none. What becomes of an open transaction is
   * known only behind {@link Transactions#open}: until then its mark is not seen. A mark that was
   * committed a moment ago is seen for sure behind that, or behind {@link #settled}.
   */
  Optional<Held> last();

  /** Up to where {@link #last} knows the marks. */
  long position();

  /** Rows that a committed batch left out and that are not forwarded, as {@link #last} knows it. */
  List<Reject> rejects(long batch);

  /**
   * Whether there is any place for marks. If so, every mark that was committed can be read when
   * this returns.
   */
  boolean settled();

  @Override
  void close();
}
