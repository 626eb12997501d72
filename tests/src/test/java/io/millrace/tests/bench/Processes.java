package io.millrace.tests.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What processes have used so far. */
final class Processes {
  private static final Path PROC = Path.of("/proc");
  private static final double TICKS_PER_SECOND = 100;

  private Processes() {}

  /** CPU seconds of this JVM. */
  static double own() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  /**
   * CPU seconds of processes and all below them. On Linux those below that have ended count too;
   * elsewhere they do not.
   */
  static double trees(List<Long> roots) {
    return roots.stream()
        .flatMap(root -> ProcessHandle.of(root).stream())
        .flatMap(root -> Stream.concat(Stream.of(root), root.descendants()))
        .mapToDouble(Processes::seconds)
        .sum();
  }

  private static double seconds(ProcessHandle process) {
    Path stat = PROC.resolve(process.pid() + "/stat");
    try {
      String text = Files.readString(stat);
      // The second field is a name in parentheses; 14 to 17 are the times.
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int i = 11; i < 15; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (NoSuchFileException e) {
      return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1000.0;
    } catch (IOException e) {
      // It ended meanwhile: its parent has its time.
      return 0;
    }
  }

  /** The most memory that this process had resident, in MiB; not a number where nobody knows. */
  static double peakMebibytes() throws IOException {
    Path status = PROC.resolve("self/status");
    if (!Files.exists(status)) {
      return Double.NaN;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(Double.NaN);
  }
}
