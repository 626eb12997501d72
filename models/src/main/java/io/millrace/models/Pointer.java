package io.millrace.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code current} of a store: a line with the version in use, then one for each that was
 * in use before it, the latest first. A line is the version's name and the sha256 of its manifest.
 * As all of it is replaced at once, what is in use and what was before never disagree; of two who
 * move it at once the last one wins, and goes back to what it has seen.
 */
record Pointer(Storage storage) {
  private static final String NAME = "current";
  private static final int MOST_LINES = 100;
  private static final int MOST_BYTES = 64 << 10;
  private static final Pattern LINE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,199})(?: ([0-9a-f]{64}))?");

  /**
   * A version that is or was in use.
   *
   * @param manifest the sha256 of its manifest; null in a line that an older program or a hand
   *     wrote
   */
  record Line(String version, @Nullable String manifest) {
    private String text() {
      return manifest == null ? version : version + " " + manifest;
    }
  }

  /** Whether this can be the name of a version. */
  static boolean named(String version) {
    return LINE.matcher(version).matches() && version.indexOf(' ') < 0;
  }

  /** The version in use and those before it, the latest first. */
  List<Line> lines() {
    Optional<byte[]> content = storage.find(NAME, MOST_BYTES);
    List<Line> lines = new ArrayList<>();
    content.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).stream()
        .flatMap(String::lines)
        .filter(line -> !line.isBlank())
        .forEach(line -> lines.add(line(line.strip())));
    return List.copyOf(lines);
  }

  /** Puts a version in front, if it is not there already. */
  void push(Line line) {
    List<Line> lines = new ArrayList<>(lines());
    if (!lines.isEmpty() && lines.get(0).version().equals(line.version())) {
      lines.remove(0);
    }
    lines.add(0, line);
    write(lines.subList(0, Math.min(lines.size(), MOST_LINES)));
  }

  /** Forgets that these were in use. */
  void forget(Set<String> versions) {
    List<Line> lines = lines();
    List<Line> kept = lines.stream().filter(line -> !versions.contains(line.version())).toList();
    if (kept.size() < lines.size()) {
      write(kept);
    }
  }

  /** Makes these all that is and was in use. */
  void write(List<Line> lines) {
    String text = String.join("\n", lines.stream().map(Line::text).toList()) + "\n";
    try {
      storage.replace(NAME, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot make " + lines.get(0).version() + " current in " + storage.uri(), e);
    }
  }

  private Line line(String text) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      String shown = text.substring(0, Math.min(text.length(), 80));
      throw new IllegalArgumentException(
          "Cannot use '"
              + shown
              + "' in "
              + storage.uri()
              + "/"
              + NAME
              + ": expected the name of a version, and the sha256 of its manifest. Write it with"
              + " millrace models promote");
    }
    return new Line(matcher.group(1), matcher.group(2));
  }
}
