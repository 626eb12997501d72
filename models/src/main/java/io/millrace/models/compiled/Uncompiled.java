package io.millrace.models.compiled;

/** A pipeline with a part that only Spark itself can run. */
public final class Uncompiled extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * Says why.
   *
   * @param reason part of a sentence, such as {@code the stage SQLTransformer is not known}
   */
  public Uncompiled(String reason) {
    super(reason);
  }

  /** Why it is so. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
