package io.millrace.tests.simulation;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Receipt;
import java.util.List;
import java.util.Optional;

/** A sink with its server: what is in it, and how it behaves when something goes wrong. */
public interface Store {
  /** The rows that a reader sees. */
  List<Integer> rows();

  /** The last batch that it says to have; -1 for none. */
  long last();

  /** What a start asks it. */
  Optional<Held> held(Actor actor, Identity who);

  /** Time passes on the server. */
  void tick(Schedule schedule);

  /** Puts back the state of some commits ago; whether there was one. */
  boolean goBack(Schedule schedule);

  /** A sink that tasks write rows into. */
  interface Rows extends Store {
    Fence<?> start(Actor actor, Identity who);

    /** The receipts of tasks that wrote these rows, each a part of them. */
    List<Receipt> write(Actor actor, Fence<?> fence, long batch, List<List<Integer>> parts);
  }

  /** A sink that gets each batch at once. */
  interface Batches extends Store {
    void write(Actor actor, Identity who, long batch, List<Integer> rows);
  }
}
