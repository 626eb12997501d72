package io.millrace.engine.plan;

import io.millrace.engine.spec.Position;

/** Where the parts of a job, and the texts in them, stand in its file. */
public interface AnalysisPlaces {
  /** What a name belongs to; a sink may be called like a step. */
  enum Part {
    SOURCE,
    STEP,
    SINK
  }

  /**
   * A place of the file.
   *
   * @param path what stands there, as a finding names it
   */
  record Place(Position at, String path) {}

  /** The part as a whole. */
  Place of(Part part, String name);

  /**
   * A place inside the text of one of the part's settings, which is told by the text itself.
   *
   * @param text the whole text as Spark's parser got it
   * @param line within the text, from 1
   * @param column within the line, from 1
   */
  Place inText(Part part, String name, String text, int line, int column);

  /**
   * A place inside the text of a setting or of a word of the language, such as {@code mode}.
   *
   * @param line within the text, from 1
   * @param column within the line, from 1
   */
  Place inSetting(Part part, String name, String setting, int line, int column);
}
