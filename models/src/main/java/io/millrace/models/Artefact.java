package io.millrace.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder that Spark saved a pipeline in, read as text. Loading it initialises the classes that
 * it names and calls them, so they are looked at before: those of stages, also of stages within
 * stages, and those of column types. Where it could lead Spark to files elsewhere, it is refused.
 */
record Artefact(Storage folder) {
  private static final int MOST = 16 << 20;
  private static final String DONE = "_SUCCESS";
  private static final Set<String> LISTS =
      Set.of("_spark_metadata", "_metadata", "_common_metadata");
  private static final Pattern PART = Pattern.compile("part-[A-Za-z0-9-]+(?:\\.txt)?");
  private static final Pattern TEXT =
      Pattern.compile("(?:(.*?)/)??metadata/(.+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern STAGE = Pattern.compile("stages/[0-9]+_[^/]+");

  /** The stages of the pipeline itself, in order. */
  List<StageText> stages() {
    return texts().stream()
        .filter(text -> STAGE.matcher(text.folder()).matches())
        .sorted(Comparator.comparingInt(Artefact::place))
        .toList();
  }

  /**
   * Checks all that Spark will read.
   *
   * @throws IllegalStateException naming the file and what it leads to
   */
  void check(KnownClasses known) {
    List<StageText> texts = texts();
    texts.forEach(text -> check(text, known));
    List<String> foreign =
        texts.stream()
            .filter(text -> known.foreign(text.className()))
            .map(StageText::folder)
            .toList();
    try {
      for (Map.Entry<String, Long> file : folder.files().entrySet()) {
        if (!TEXT.matcher(file.getKey()).matches()) {
          checkData(file.getKey(), file.getValue(), known, foreign);
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** What Spark will read as the text of a stage, or as a list of such texts. */
  private List<StageText> texts() {
    try {
      List<StageText> texts = new ArrayList<>();
      for (String name : folder.files().keySet()) {
        Matcher matcher = TEXT.matcher(name);
        if (matcher.matches() && !last(name).equals(DONE)) {
          texts.addAll(text(name, matcher));
        }
      }
      return texts;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private List<StageText> text(String name, Matcher matcher) {
    if (!PART.matcher(matcher.group(2)).matches()) {
      throw refused(name, "Spark would read it, and writes none of that name");
    }
    byte[] content = folder.read(name, MOST);
    try {
      String stage = matcher.group(1) == null ? "" : matcher.group(1);
      return content.length == 0 ? List.of() : List.of(StageText.of(stage, content));
    } catch (IllegalArgumentException e) {
      throw refused(name, String.valueOf(e.getMessage()));
    }
  }

  private void check(StageText text, KnownClasses known) {
    String file = text.folder().isEmpty() ? "metadata" : text.folder() + "/metadata";
    if (!known.stage(text.className())) {
      throw forbidden(file, text.className());
    }
    for (String name : text.named()) {
      if (!StageText.stays(name)) {
        throw refused(file, "it leads to '" + name + "', outside of the model");
      }
    }
  }

  private void checkData(String name, long bytes, KnownClasses known, List<String> foreign)
      throws IOException {
    List<String> parts = Arrays.asList(name.split("/"));
    if (parts.stream().anyMatch(LISTS::contains)) {
      throw refused(name, "it can lead Spark to files outside of the model");
    }
    if (Footer.parquet(folder, name, bytes)) {
      checkFooter(name, known);
    } else if (!last(name).equals(DONE)
        && foreign.stream().noneMatch(stage -> name.startsWith(stage + "/"))) {
      throw refused(name, "it is no Parquet file");
    }
  }

  private void checkFooter(String name, KnownClasses known) throws IOException {
    try {
      for (String type : Footer.classes(folder, name)) {
        if (!known.columnType(type)) {
          throw forbidden(name, type);
        }
      }
    } catch (IllegalArgumentException e) {
      throw refused(name, String.valueOf(e.getMessage()));
    }
  }

  private static int place(StageText stage) {
    String name = last(stage.folder());
    return Integer.parseInt(name.substring(0, name.indexOf('_')));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private IllegalStateException forbidden(String file, String className) {
    return new IllegalStateException(
        "Cannot load the model at "
            + folder.uri()
            + ": "
            + file
            + " names the class "
            + className
            + ", which is none of Spark's stages and was not allowed. If you trust it, allow it:"
            + " allow: ["
            + className
            + "]");
  }

  private IllegalStateException refused(String file, String why) {
    return new IllegalStateException(
        "Cannot load the model at "
            + folder.uri()
            + ": its file "
            + file
            + " is not as Spark writes it: "
            + why
            + ". Train the model again");
  }

  private UncheckedIOException unreadable(IOException cause) {
    return new UncheckedIOException("Cannot read the files of " + folder.uri(), cause);
  }
}
