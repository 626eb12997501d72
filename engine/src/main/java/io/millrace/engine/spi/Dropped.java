package io.millrace.engine.spi;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import scala.runtime.AbstractFunction0;

/**
 * Answers false, for a row that a step leaves out on purpose. A {@link Planned} step that does so
 * has one as a function in its plan, called once for each such row: the engine counts the calls.
 */
public final class Dropped extends AbstractFunction0<Object> implements Serializable {
  private static final long serialVersionUID = 1;

  private @Nullable Counter counter;

  /** Counts a row, in a task. */
  @FunctionalInterface
  public interface Counter extends Serializable {
    void count();
  }

  /** Counts by this from now on, unless something counts already. */
  public void by(Counter first) {
    counter = counter == null ? first : counter;
  }

  @Override
  public Object apply() {
    if (counter != null) {
      counter.count();
    }
    return false;
  }
}
