package io.millrace.models.compiled;

/** A row that a stage cannot take. */
public final class RowFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A fault.
   *
   * @param reason a sentence about the row
   */
  public RowFault(String reason) {
    super(reason, null, false, false);
  }

  /** What is wrong with the row. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
