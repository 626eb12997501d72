package io.millrace.jobs;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.util.SignalUtils;

/**
 * Ctrl-C and TERM: the first one stops what runs, in good order; a second one ends the process at
 * once.
 */
final class Signals {
  private final AtomicInteger exit = new AtomicInteger(Exit.DONE);
  private final AtomicInteger count = new AtomicInteger();
  private final Runnable stop;

  private Signals(Runnable stop) {
    this.stop = stop;
  }

  /** Calls {@code stop} once, on a thread of its own, when the process is asked to end. */
  static Signals stopping(Runnable stop) {
    Signals signals = new Signals(stop);
    SignalUtils.register("INT", () -> signals.come(Exit.INTERRUPTED));
    SignalUtils.register("TERM", () -> signals.come(Exit.DONE));
    return signals;
  }

  /** What the process should exit with: 130 after Ctrl-C, 0 after TERM, when all is drained. */
  int exit() {
    return exit.get();
  }

  /** Whether the process was asked to end. */
  boolean came() {
    return count.get() > 0;
  }

  private boolean come(int code) {
    if (count.getAndIncrement() > 0) {
      Runtime.getRuntime().halt(code == Exit.DONE ? Exit.TERMINATED : code);
    }
    exit.set(code);
    new Thread(stop, "stop").start();
    return true;
  }
}
