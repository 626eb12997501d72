package io.millrace.tests.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Who runs next, and what goes wrong: a function of the seed. Whoever runs decides at its next step
 * who is to follow, so a switch of threads is needed only where another one is.
 */
public final class Schedule {
  private static final ExecutorService THREADS = Executors.newCachedThreadPool(Schedule::thread);
  private static final int KEPT = 200;

  private final Random random;
  private final List<Actor> actors = new ArrayList<>();
  private final Semaphore supervisor = new Semaphore(0);
  private final Map<String, Integer> done = new TreeMap<>();
  private final List<String> trace = new ArrayList<>();
  private final Consumer<Schedule> surprise;
  private boolean traced;
  private boolean calm;
  private int born;

  /**
   * A schedule.
   *
   * @param surprise what else may happen between two steps
   */
  Schedule(long seed, Consumer<Schedule> surprise) {
    this.random = new Random(seed);
    this.surprise = surprise;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "simulated");
    thread.setDaemon(true);
    return thread;
  }

  Schedule traced() {
    traced = true;
    return this;
  }

  /** From now on nothing goes wrong any more. */
  void calm() {
    calm = true;
  }

  /** A number below another one. */
  public int draw(int below) {
    return random.nextInt(below);
  }

  public boolean goesWrong(String what, int percent) {
    if (calm || random.nextInt(100) >= percent) {
      return false;
    }
    happened(what);
    return true;
  }

  /** Counts what was done. */
  public void happened(String what) {
    done.merge(what, 1, Integer::sum);
    note(what);
  }

  Map<String, Integer> done() {
    return done;
  }

  private void note(String what) {
    if (traced) {
      trace.add(what);
    }
  }

  /** The last steps, if they were traced. */
  List<String> trace() {
    return trace.subList(Math.max(0, trace.size() - KEPT), trace.size());
  }

  void step(Actor me, String what) {
    dieIfDead(me);
    if (!calm) {
      int lot = random.nextInt(1000);
      if (lot < 12) {
        kill(me);
      } else if (lot < 22) {
        me.sleep();
        happened("halt");
      } else if (lot < 60) {
        surprise.accept(this);
      }
    }
    if (!me.dead() && (!me.awake() || random.nextInt(8) == 0)) {
      letOthersRun(me);
    }
    dieIfDead(me);
    if (traced) {
      note(me + " " + what);
    }
  }

  private void kill(Actor actor) {
    actor.die();
    happened("kill");
  }

  private static void dieIfDead(Actor me) {
    if (me.dead()) {
      throw new Actor.Crash();
    }
  }

  private void letOthersRun(Actor me) {
    if (pass(me)) {
      me.turn.acquireUninterruptibly();
    }
  }

  /** Lets someone else run; not if there is nobody and this one can go on. */
  private boolean pass(Actor me) {
    List<Actor> others = actors.stream().filter(actor -> actor != me && actor.awake()).toList();
    if (!others.isEmpty()) {
      others.get(random.nextInt(others.size())).turn.release();
      return true;
    }
    if (actors.contains(me) && me.awake()) {
      return false;
    }
    supervisor.release();
    return true;
  }

  /** Starts a process, which runs when its turn comes. */
  void start(Consumer<Actor> body) {
    Actor actor = new Actor(this, born++);
    actors.add(actor);
    happened("start");
    THREADS.execute(
        () -> {
          actor.turn.acquireUninterruptibly();
          try {
            body.accept(actor);
          } finally {
            actor.die();
            actors.remove(actor);
            pass(actor);
          }
        });
  }

  /** Lets the processes run until each has ended or is halted. */
  void run() {
    List<Actor> awake = actors.stream().filter(Actor::awake).toList();
    if (!awake.isEmpty()) {
      awake.get(random.nextInt(awake.size())).turn.release();
      supervisor.acquireUninterruptibly();
    }
  }

  int alive() {
    return actors.size();
  }

  boolean anyHalted() {
    return !actors.isEmpty();
  }

  void wake() {
    if (!actors.isEmpty()) {
      actors.get(random.nextInt(actors.size())).wake();
    }
  }

  /** Ends all that are halted. */
  void killAll() {
    List.copyOf(actors).forEach(Actor::die);
    run();
  }
}
