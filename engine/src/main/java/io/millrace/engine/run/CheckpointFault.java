package io.millrace.engine.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.spi.Causes;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;

/** Names the file of a checkpoint that is damaged: Spark says what is wrong, and not where. */
final class CheckpointFault {
  private static final String TOGETHER = ".compact";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Pattern VERSION = Pattern.compile("v\\d+");
  private static final Pattern NOTE = Pattern.compile("\\d+(" + Pattern.quote(TOGETHER) + ")?");
  private static final Pattern LACKING =
      Pattern.compile("batch(?: |es \\()(\\d+).* ?(?:doesn't|don't) exist.*");

  /** What stands in place of the offset of a source that has none yet. */
  private static final String NONE = "-";

  private static final String STATE = "org.apache.spark.sql.execution.streaming.state.";

  private CheckpointFault() {}

  /**
   * Reads the notes that a start of a query rests on.
   *
   * @param folder of the query
   * @throws IllegalStateException with a sentence, if one of them is damaged
   */
  static void failIfDamaged(Path folder, Configuration hadoop) {
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      Path metadata = new Path(folder, "metadata");
      if (files.exists(metadata)) {
        check(folder, metadata, List.of(text(files, folder, metadata)));
      }
      for (Path log : List.of(new Path(folder, "offsets"), new Path(folder, "commits"))) {
        List<Path> notes = last(files, log);
        failIfOneIsMissing(folder, notes);
        for (Path note : notes) {
          List<String> lines = text(files, folder, note).lines().toList();
          if (lines.size() < 2 || !VERSION.matcher(lines.get(0)).matches()) {
            throw damaged(
                folder, note, "it is damaged, expected a version and lines of JSON", null);
          }
          check(folder, note, lines.subList(1, lines.size()));
        }
      }
      if (files instanceof ChecksumFileSystem) {
        verify(files, folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the checkpoint " + folder, e);
    }
  }

  /** Spark does not compare these with their checksums, which lie beside them on a local disk. */
  private static void verify(FileSystem files, Path folder) throws IOException {
    for (Path source : matching(files, new Path(folder, "sources/*"))) {
      for (Path log : read(files, source)) {
        String unused = text(files, folder, log);
      }
    }
    for (String kind : List.of("state/*/_metadata/*", "state/*/*/_metadata/*")) {
      for (Path file : matching(files, new Path(folder, kind))) {
        if (files.getFileStatus(file).isFile() && text(files, folder, file).isEmpty()) {
          throw damaged(folder, file, "it is empty", null);
        }
      }
    }
  }

  private static List<Path> matching(FileSystem files, Path pattern) throws IOException {
    FileStatus @Nullable [] found = files.globStatus(pattern);
    return found == null ? List.of() : Arrays.stream(found).map(FileStatus::getPath).toList();
  }

  /** Notes are numbered one after another, and old ones are removed from the front. */
  private static void failIfOneIsMissing(Path folder, List<Path> notes) {
    long last = notes.isEmpty() ? 0 : number(notes.get(notes.size() - 1));
    if (last > 0 && (notes.size() < 2 || number(notes.get(0)) < last - 1)) {
      Path log = notes.get(0).getParent();
      throw damaged(folder, new Path(log, Long.toString(last - 1)), "it is missing", null);
    }
  }

  private static long number(Path note) {
    return Long.parseLong(note.getName().replace(TOGETHER, ""));
  }

  /** A start goes on from the last note, and from the one before where that is not done. */
  private static List<Path> last(FileSystem files, Path log) throws IOException {
    List<Path> notes = files.exists(log) ? notes(files, log) : List.of();
    return notes.subList(Math.max(0, notes.size() - 2), notes.size());
  }

  /** Numbered one after another, and put together now and then by a source of files. */
  private static List<Path> notes(FileSystem files, Path log) throws IOException {
    return Arrays.stream(files.listStatus(log))
        .map(FileStatus::getPath)
        .filter(file -> NOTE.matcher(file.getName()).matches())
        .sorted(Comparator.comparingLong(CheckpointFault::number))
        .toList();
  }

  /** A source of files goes on from all that it has read since it last put its notes together. */
  private static List<Path> read(FileSystem files, Path source) throws IOException {
    List<Path> notes = notes(files, source);
    int from = notes.size() - 1;
    while (from > 0 && !notes.get(from).getName().endsWith(TOGETHER)) {
      from--;
    }
    return notes.subList(Math.max(0, from), notes.size());
  }

  private static String text(FileSystem files, Path folder, Path file) throws IOException {
    try (InputStream in = files.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (ChecksumException e) {
      throw damaged(
          folder,
          file,
          "it is damaged, it does not fit its checksum ." + file.getName() + ".crc",
          e);
    }
  }

  private static void check(Path folder, Path file, List<String> lines) {
    for (String line : lines) {
      try {
        if (!line.equals(NONE) && JSON.readTree(line).isMissingNode()) {
          throw damaged(folder, file, "it is damaged, expected JSON, found nothing", null);
        }
      } catch (JsonProcessingException e) {
        throw damaged(folder, file, "it is damaged, expected JSON: " + e.getOriginalMessage(), e);
      }
    }
  }

  private static IllegalStateException damaged(
      Path folder, Path file, String why, @Nullable Exception cause) {
    return new IllegalStateException(sentence(file.toString(), why, folder.toString()), cause);
  }

  private static String sentence(String file, String why, String folder) {
    return "Cannot go on from the checkpoint file %s: %s. Put it back from a copy. Without one, a file of commits may be deleted together with its .crc, and its batch comes again; else move %s away, and begin anew with empty sinks"
        .formatted(file, why, folder);
  }

  /**
   * The sentence for a failure that speaks of a file of the checkpoint. A note that is there as it
   * is put in place was written by another start meanwhile; where only its checksum is there, that
   * was left over.
   */
  static Optional<String> in(Throwable failure, String root, Configuration hadoop) {
    String plain = new Path(root).toUri().getPath();
    Pattern file =
        Pattern.compile("(?:file:)?" + Pattern.quote(plain) + "(/[\\w.-]+/[\\w./-]*\\w)");
    List<String> said = new ArrayList<>();
    for (Throwable cause : Causes.of(failure)) {
      Matcher found = file.matcher(String.valueOf(cause.getMessage()));
      if (found.find()) {
        Path named = new Path(plain + found.group(1));
        if (cause instanceof FileAlreadyExistsException && isNote(named, hadoop)) {
          return Optional.of(JobFailedException.fenced("checkpoint"));
        }
        String why =
            cause instanceof FileNotFoundException
                ? "it is missing"
                : String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        String query = found.group(1).substring(1).split("/", 2)[0];
        said.add(sentence(named.toString(), why, plain + "/" + query));
      }
    }
    return said.isEmpty() ? Optional.empty() : Optional.of(said.get(said.size() - 1));
  }

  private static boolean isNote(Path file, Configuration hadoop) {
    try {
      return !file.getName().endsWith(".crc") && file.getFileSystem(hadoop).exists(file);
    } catch (IOException e) {
      // What stopped the query is told; this only looked for more words.
      return false;
    }
  }

  /**
   * The sentence for a failure that need not speak of its file: a note that a source lacks, or the
   * first file of state that does not fit its checksum.
   *
   * @param folder of the query
   */
  static Optional<String> search(Throwable failure, Path folder, Configuration hadoop) {
    Optional<String> note = lacking(failure);
    if (note.isEmpty() && !ofState(failure)) {
      return Optional.empty();
    }
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      if (note.isPresent()) {
        failIfLacking(files, folder, note.get());
      } else {
        verifyState(files, folder);
      }
      return Optional.empty();
    } catch (IllegalStateException damaged) {
      return Optional.of(String.valueOf(damaged.getMessage()));
    } catch (IOException e) {
      // What stopped the query is told; this only looked for more words.
      return Optional.empty();
    }
  }

  /** The number of a note that Spark looked for, if that is what failed. */
  private static Optional<String> lacking(Throwable failure) {
    return Causes.of(failure).stream()
        .map(cause -> LACKING.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst();
  }

  private static void failIfLacking(FileSystem files, Path folder, String note) throws IOException {
    for (Path source : matching(files, new Path(folder, "sources/*"))) {
      Path file = new Path(source, note);
      if (!files.exists(file) && !files.exists(file.suffix(TOGETHER))) {
        throw damaged(folder, file, "it is missing", null);
      }
    }
  }

  private static boolean ofState(Throwable failure) {
    return Causes.of(failure).stream()
        .flatMap(cause -> Arrays.stream(cause.getStackTrace()))
        .anyMatch(frame -> frame.getClassName().startsWith(STATE));
  }

  private static void verifyState(FileSystem files, Path folder) throws IOException {
    RemoteIterator<LocatedFileStatus> all = files.listFiles(new Path(folder, "state"), true);
    while (all.hasNext()) {
      Path sum = all.next().getPath();
      if (sum.getName().endsWith(".crc") && !sum.getName().startsWith(".")) {
        verify(files, folder, sum);
      }
    }
  }

  /** Spark keeps the checksum of a file of state beside it, as JSON. */
  private static void verify(FileSystem files, Path folder, Path sum) throws IOException {
    String text = text(files, folder, sum);
    check(folder, sum, List.of(text));
    JsonNode value = JSON.readTree(text).path("value");
    String name = sum.getName().substring(0, sum.getName().length() - ".crc".length());
    Path file = new Path(sum.getParent(), name);
    if (!value.isNumber() || !files.exists(file)) {
      return;
    }
    try (CheckedInputStream in = new CheckedInputStream(files.open(file), new CRC32C())) {
      in.transferTo(OutputStream.nullOutputStream());
      if ((int) in.getChecksum().getValue() != (int) value.longValue()) {
        throw damaged(folder, file, "it is damaged, it does not fit its checksum " + sum, null);
      }
    } catch (ChecksumException e) {
      throw damaged(folder, file, "it is damaged, it does not fit its checksum", e);
    }
  }
}
