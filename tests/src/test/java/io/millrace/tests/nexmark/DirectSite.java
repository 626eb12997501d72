package io.millrace.tests.nexmark;

import io.millrace.engine.testing.LocalBroker;
import io.millrace.tests.Jobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The auction site without topics: its events are made where a query reads them. The job files are
 * those of {@code conf/nexmark}; the three that declare the streams, and that all others include,
 * are replaced.
 */
final class DirectSite implements Site {
  private final Optional<LocalBroker> broker;
  private final String name;
  private final Events events;
  private final Path jobs;
  private final Path written;
  private List<long[]> bids = List.of();

  private DirectSite(Optional<LocalBroker> broker, String name, Events events, Path folder) {
    this.broker = broker;
    this.name = name;
    this.events = events;
    this.jobs = folder.resolve("jobs");
    this.written = folder.resolve("written");
  }

  /**
   * A site without events.
   *
   * @param broker for the topics that queries in two parts write; not needed by others
   * @param folder where it keeps job files, and how many events there are
   */
  static DirectSite open(Optional<LocalBroker> broker, String name, Events events, Path folder) {
    DirectSite site = new DirectSite(broker, name, events, folder);
    try {
      site.copy();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot copy the job files to " + folder, e);
    }
    broker.ifPresent(
        some ->
            List.of("q4-winning", "q6-winning")
                .forEach(topic -> some.createTopic(name + "-" + topic, 2)));
    site.tell(0);
    return site;
  }

  private void copy() throws IOException {
    Files.createDirectories(jobs);
    try (Stream<Path> files = Files.list(Jobs.folder("conf/nexmark"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, jobs.resolve(file.getFileName()));
      }
    }
    for (Events.Kind kind : Events.Kind.values()) {
      String file = kind.name().toLowerCase(Locale.ROOT) + ".yaml";
      try (InputStream text = DirectSite.class.getResourceAsStream("/nexmark/" + file)) {
        Files.copy(
            Objects.requireNonNull(text, file),
            jobs.resolve(file),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private void tell(long count) {
    try {
      Files.writeString(written, Long.toString(count));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + written, e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String servers() {
    return broker
        .map(LocalBroker::servers)
        .orElseThrow(() -> new IllegalStateException("This site has no broker"));
  }

  @Override
  public Events events() {
    return events;
  }

  @Override
  public Path jobs() {
    return jobs;
  }

  @Override
  public Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    variables.put("SITE", name);
    variables.put("COUNT", Long.toString(events.count()));
    variables.put("SEED", Long.toString(events.seed()));
    variables.put("WRITTEN", written.toString());
    broker.ifPresent(some -> variables.put("KAFKA", some.servers()));
    return variables;
  }

  @Override
  public void write(long from, long until) {
    tell(until);
  }

  @Override
  public void close() {
    long all = events.count() + events.closing().size();
    tell(all);
    bids = List.of(LongStream.range(0, all).toArray());
  }

  @Override
  public List<long[]> bids() {
    return bids;
  }
}
