package io.millrace.tests.simulation;

import java.util.concurrent.Semaphore;

/**
 * A process of the simulation. One of them runs at a time, up to its next step; there it can be
 * halted or die.
 */
public final class Actor {
  final Semaphore turn = new Semaphore(0);
  private final Schedule schedule;
  private final int number;
  private boolean asleep;
  private boolean dead;

  Actor(Schedule schedule, int number) {
    this.schedule = schedule;
    this.number = number;
  }

  /** Stands for {@code kill -9}: nothing of the process does anything behind it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("killed", null, false, false);
    }
  }

  /** Something of the process that others can see; others may come in between before it. */
  public void step(String what) {
    schedule.step(this, what);
  }

  /** Whether something goes wrong that does so in some of a hundred cases. */
  public boolean goesWrong(String what, int percent) {
    return schedule.goesWrong(what, percent);
  }

  public Schedule schedule() {
    return schedule;
  }

  void sleep() {
    asleep = true;
  }

  void wake() {
    asleep = false;
  }

  void die() {
    dead = true;
    asleep = false;
  }

  boolean awake() {
    return !asleep;
  }

  public boolean dead() {
    return dead;
  }

  @Override
  public String toString() {
    return "p" + number;
  }
}
