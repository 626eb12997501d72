package io.millrace.engine.spi;

/** A fault inside the text of one setting, such as an SQL syntax error. */
public final class TextFault extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String setting;
  private final int line;
  private final int column;

  /**
   * @param setting the key of the setting
   * @param line within the text, from 1
   * @param column within the line, from 1
   */
  public TextFault(String setting, int line, int column, String sentence) {
    super(sentence);
    this.setting = setting;
    this.line = line;
    this.column = column;
  }

  public String setting() {
    return setting;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }
}
