package io.millrace.models;

/** A class that does harm as soon as it is initialised. */
public final class Gadget {
  static final String HARM = "millrace.test.gadget";

  static {
    System.setProperty(HARM, "done");
  }

  private Gadget() {}

  /** What Spark calls to load a stage. */
  public static Object read() {
    return HARM;
  }
}
