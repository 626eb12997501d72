package io.millrace.jobs.submit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.NamedFiles;
import io.millrace.engine.spec.Variables;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A job file with all that it includes, the schema files that it names, and the variables that were
 * sent along, as one word of a command: so a driver on another machine needs no folder that it
 * shares with this one.
 *
 * @param file name of the job file
 * @param texts of the job file and its includes, by name
 * @param schemas texts of the files that these name, by the names that they have there
 * @param variables values for references of the files, in front of the driver's own environment
 */
public record Shipment(
    String file,
    Map<String, String> texts,
    Map<String, String> schemas,
    Map<String, String> variables) {
  private static final int LONGEST = 100_000;
  private static final String FILES = "files/";
  private static final String SCHEMAS = "schemas/";
  private static final String VARIABLES = "variables/";
  private static final String JOB = "job";

  /**
   * The job file as it is now.
   *
   * @param sent what is sent along
   * @param here what tells the names of included files
   */
  public static Shipment of(Path file, Map<String, String> sent, Variables here) {
    Map<String, String> texts = new TreeMap<>();
    for (Path part : JobFile.parts(file, here)) {
      texts.put(name(part), text(part));
    }
    Map<String, String> schemas = new TreeMap<>();
    JobFile.tree(file, here, new Findings())
        .ifPresent(
            job -> NamedFiles.in(job).forEach(named -> schemas.put(named, text(Path.of(named)))));
    return new Shipment(name(file), texts, schemas, Map.copyOf(sent));
  }

  /**
   * The shipment as letters, digits, {@code -} and {@code _}.
   *
   * @throws IllegalArgumentException if it is longer than a command can be everywhere
   */
  public String word() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, JOB, file);
      for (Map.Entry<String, String> text : texts.entrySet()) {
        put(zip, FILES + text.getKey(), text.getValue());
      }
      for (Map.Entry<String, String> schema : schemas.entrySet()) {
        put(zip, SCHEMAS + schema.getKey(), schema.getValue());
      }
      for (Map.Entry<String, String> variable : new TreeMap<>(variables).entrySet()) {
        put(zip, VARIABLES + variable.getKey(), variable.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String word = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    if (word.length() > LONGEST) {
      throw new IllegalArgumentException(
          "Cannot send "
              + file
              + " along in the command: with its includes and schema files it has "
              + word.length()
              + " characters packed, and "
              + LONGEST
              + " are possible. Split it into jobs of their own");
    }
    return word;
  }

  /**
   * What was packed by {@link #word()}.
   *
   * @throws IllegalArgumentException if it is something else, or was cut off
   */
  public static Shipment unpacked(String word) {
    Map<String, String> texts = new TreeMap<>();
    Map<String, String> schemas = new TreeMap<>();
    Map<String, String> variables = new TreeMap<>();
    String file = "";
    try (ZipInputStream zip =
        new ZipInputStream(new ByteArrayInputStream(Base64.getUrlDecoder().decode(word)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String text = new String(zip.readAllBytes(), UTF_8);
        String name = entry.getName();
        if (name.startsWith(FILES)) {
          texts.put(name.substring(FILES.length()), text);
        } else if (name.startsWith(SCHEMAS)) {
          schemas.put(name.substring(SCHEMAS.length()), text);
        } else if (name.startsWith(VARIABLES)) {
          variables.put(name.substring(VARIABLES.length()), text);
        } else if (name.equals(JOB)) {
          file = text;
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw foreign(e);
    }
    if (!texts.containsKey(file)) {
      throw foreign(new IOException("no job file in it"));
    }
    return new Shipment(file, texts, schemas, variables);
  }

  private static IllegalArgumentException foreign(Exception cause) {
    return new IllegalArgumentException(
        "Cannot read the job that was sent along: "
            + cause.getMessage()
            + ". Expected what millrace submit made, whole",
        cause);
  }

  /** Writes the files into a folder and tells where the job file is. */
  public Path into(Path folder) {
    try {
      for (Map.Entry<String, String> text : texts.entrySet()) {
        Path part = folder.resolve(text.getKey()).normalize();
        if (!folder.normalize().equals(part.getParent())) {
          throw foreign(new IOException("a file named " + text.getKey()));
        }
        Files.writeString(part, text.getValue());
      }
      for (Map.Entry<String, String> place : places(folder).entrySet()) {
        Files.writeString(Path.of(place.getValue()), schemas.get(place.getKey()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the job's files to " + folder, e);
    }
    return folder.resolve(file);
  }

  /** Where the schema files are in a folder that they were written into, by their names. */
  public Map<String, String> places(Path folder) {
    Map<String, String> places = new TreeMap<>();
    for (String schema : schemas.keySet()) {
      // The end of a name says what is in the file.
      Path place = folder.resolve("schema-" + places.size() + "-" + name(Path.of(schema)));
      places.put(schema, place.toString());
    }
    return places;
  }

  /** Takes the files out of the folder again, and the folder too. */
  public void remove(Path folder) {
    try {
      for (String name : texts.keySet()) {
        Files.deleteIfExists(folder.resolve(name));
      }
      for (String place : places(folder).values()) {
        Files.deleteIfExists(Path.of(place));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + folder, e);
    }
  }

  private static void put(ZipOutputStream zip, String name, String text) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    // The same job gives the same word.
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(text.getBytes(UTF_8));
    zip.closeEntry();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }
}
