package io.millrace.engine.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the broker's JVM runs: Kafka, until the standard input ends. That happens at the latest when
 * the process that started it is gone, however it went. It needs classes of the JDK and of the
 * broker only.
 */
public final class BrokerProcess {
  private BrokerProcess() {}

  /**
   * Formats the storage and runs the broker: settings file, cluster id, folder to delete, and any
   * number of logins by SCRAM.
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Path settings = Path.of(arguments[0]);
    Thread watch = new Thread(() -> haltAtEnd(Path.of(arguments[2])), "parent-watch");
    watch.setDaemon(true);
    watch.start();
    format(settings, arguments[1], Arrays.asList(arguments).subList(3, arguments.length));
    Class.forName("kafka.Kafka")
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {settings.toString()});
  }

  private static void format(Path settings, String cluster, List<String> logins)
      throws ReflectiveOperationException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("format", "-t", cluster, "-c", settings.toString()));
    words.add("--ignore-formatted");
    logins.forEach(login -> words.addAll(List.of("--add-scram", login)));
    String[] command = words.toArray(String[]::new);
    Object result =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, command, System.out);
    if (!Integer.valueOf(0).equals(result)) {
      throw new IllegalStateException("Cannot format the broker's storage");
    }
  }

  private static void haltAtEnd(Path data) {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("The standard input is gone: " + e);
    }
    delete(data);
    Runtime.getRuntime().halt(0);
  }

  private static void delete(Path data) {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : List.copyOf(files.sorted(Comparator.reverseOrder()).toList())) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      System.err.println("Cannot delete " + data + ": " + e);
    }
  }
}
