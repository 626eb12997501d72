package io.millrace.jobs.demo;

import java.util.Random;

/**
 * How a click came about. Programs click sooner, move the pointer less and run headless more often;
 * each of these alone may be a person too.
 *
 * @param dwell milliseconds between the impression and the click
 */
record Behaviour(String device, int dwell, int moves, boolean fraud) {
  private static final String[] PERSONS = {"phone", "phone", "phone", "desktop", "tablet"};
  private static final String[] PROGRAMS = {"headless", "headless", "desktop", "phone"};

  static Behaviour of(Random random) {
    boolean fraud = random.nextInt(100) < 15;
    return fraud
        ? new Behaviour(one(PROGRAMS, random), 20 + random.nextInt(600), random.nextInt(5), true)
        : new Behaviour(
            one(PERSONS, random), 300 + random.nextInt(15_000), 2 + random.nextInt(60), false);
  }

  private static String one(String[] names, Random random) {
    return names[random.nextInt(names.length)];
  }
}
