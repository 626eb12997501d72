package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A real Kafka broker in a JVM of its own, since Spark brings another version of Kafka's client. It
 * ends with the process that started it.
 */
public final class LocalBroker implements AutoCloseable {
  /** Names a running broker to use in place of a shared one, as property or variable. */
  public static final String RUNNING = "MILLRACE_TEST_BROKER";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int TRIES = 3;
  private static final String CLUSTER = "bWlsbHJhY2UtYnJva2VyMA";

  private final Map<String, Integer> ports;
  private final String servers;
  private final Optional<ProcessBuilder> command;
  private final Path data;
  private Optional<Process> process = Optional.empty();

  private LocalBroker(
      String servers, Map<String, Integer> ports, Optional<ProcessBuilder> command, Path data) {
    this.servers = servers;
    this.ports = ports;
    this.command = command;
    this.data = data;
  }

  /**
   * What a broker has beside its plain listener.
   *
   * @param listeners names and protocols; each gets a port of its own, at {@code localhost}
   * @param advertised the port that clients of a listener are sent to, where it is another
   * @param settings lines of {@code server.properties}
   * @param logins as the broker's storage tool takes them, such as {@code
   *     SCRAM-SHA-512=[name=app,password=secret]}
   */
  record More(
      Map<String, String> listeners,
      Map<String, Integer> advertised,
      String settings,
      List<String> logins) {
    static final More NONE = new More(Map.of(), Map.of(), "", List.of());
  }

  /**
   * The broker of this JVM, started at first use; a running one where {@link #RUNNING} names it.
   */
  public static LocalBroker shared() {
    return Shared.BROKER;
  }

  /**
   * A broker with its data in {@code folder/data} and its log in {@code folder/broker.log}.
   *
   * @throws IllegalStateException with the end of its log, if it does not come up
   */
  public static LocalBroker start(Path folder) {
    return start(folder, More.NONE);
  }

  /** The same; whoever connects to the relay talks to the broker through it. */
  public static LocalBroker startBehind(Relay relay, Path folder) {
    String relayed = "RELAYED";
    LocalBroker broker =
        start(
            folder,
            new More(Map.of(relayed, "PLAINTEXT"), Map.of(relayed, relay.port()), "", List.of()));
    relay.leadTo(Objects.requireNonNull(broker.ports.get(relayed)));
    return broker;
  }

  static LocalBroker start(Path folder, More more) {
    for (int left = TRIES; ; left--) {
      LocalBroker broker = launch(folder, more);
      try {
        broker.awaitReady(folder.resolve("broker.log"));
        return broker;
      } catch (PortTaken e) {
        broker.close();
        if (left == 1) {
          throw e;
        }
      } catch (RuntimeException e) {
        broker.close();
        throw e;
      }
    }
  }

  /** What clients connect to: host and port. */
  public String servers() {
    return servers;
  }

  /** What clients of another listener connect to. */
  String servers(String listener) {
    return "localhost:" + Objects.requireNonNull(ports.get(listener), listener);
  }

  /**
   * Creates a topic with one replica. When this returns, the leader of every partition answers: one
   * that is only known by name may still refuse the first records.
   */
  public void createTopic(String name, int partitions) {
    Map<TopicPartition, OffsetSpec> ends =
        IntStream.range(0, partitions)
            .boxed()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(name, partition),
                    partition -> OffsetSpec.latest()));
    try (Admin admin = admin(servers)) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
      awaitLeaders(admin, ends);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Cannot create topic " + name + " at " + servers, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** A topic that was created a moment ago may still be unknown to the one who is asked. */
  private static void awaitLeaders(Admin admin, Map<TopicPartition, OffsetSpec> ends)
      throws ExecutionException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        admin.listOffsets(ends).all().get(30, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  /** Kills the broker at once and deletes its data. */
  @Override
  public void close() {
    process.ifPresent(
        running -> {
          running.destroyForcibly();
          running.onExit().join();
          Folders.delete(data);
        });
  }

  /** Does to the broker what the death of this process would do, and waits until it is gone. */
  void abandon() throws IOException {
    if (process.isPresent()) {
      process.get().getOutputStream().close();
      process.get().onExit().join();
    }
  }

  private static LocalBroker launch(Path folder, More more) {
    try {
      Path data = Files.createDirectories(folder.resolve("data"));
      List<Integer> free = free(2 + more.listeners().size());
      int port = free.get(0);
      Map<String, Integer> ports = new LinkedHashMap<>();
      more.listeners().keySet().forEach(name -> ports.put(name, free.get(2 + ports.size())));
      Path settings =
          Files.writeString(
              folder.resolve("server.properties"),
              settings(data, free.get(1)) + listeners(port, free.get(1), ports, more));
      ProcessBuilder command = new ProcessBuilder(command(settings, data, more.logins()));
      command.redirectErrorStream(true).redirectOutput(folder.resolve("broker.log").toFile());
      return new LocalBroker("127.0.0.1:" + port, ports, Optional.of(command), data).begin();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start the broker in " + folder, e);
    }
  }

  private LocalBroker begin() throws IOException {
    if (command.isPresent()) {
      process = Optional.of(command.get().start());
    }
    return this;
  }

  /** Kills the broker at once and starts it again: the same address, the same data. */
  public void killAndRestart() {
    process.ifPresent(
        running -> {
          running.destroyForcibly();
          running.onExit().join();
        });
    Path log = data.resolveSibling("broker.log");
    try {
      command.ifPresent(again -> again.redirectOutput(Redirect.appendTo(log.toFile())));
      LocalBroker unused = begin();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start the broker again in " + data, e);
    }
    awaitReady(log);
  }

  /** Ports that were free at the same time. */
  private static List<Integer> free(int count) throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    try {
      while (open.size() < count) {
        open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return open.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket each : open) {
        each.close();
      }
    }
  }

  private static String listeners(int port, int controller, Map<String, Integer> ports, More more) {
    StringBuilder listeners = new StringBuilder("PLAINTEXT://127.0.0.1:" + port);
    StringBuilder advertised = new StringBuilder(listeners);
    StringBuilder protocols = new StringBuilder("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    ports.forEach(
        (name, at) -> {
          listeners.append(",%s://127.0.0.1:%d".formatted(name, at));
          advertised.append(
              ",%s://localhost:%d".formatted(name, more.advertised().getOrDefault(name, at)));
          protocols.append(",%s:%s".formatted(name, more.listeners().get(name)));
        });
    return """
    listeners=%s,CONTROLLER://127.0.0.1:%d
    advertised.listeners=%s
    listener.security.protocol.map=%s
    %s
    """
        .formatted(listeners, controller, advertised, protocols, more.settings());
  }

  private static String settings(Path data, int controller) {
    return """
    process.roles=broker,controller
    node.id=1
    controller.quorum.voters=1@127.0.0.1:%d
    controller.listener.names=CONTROLLER
    log.dirs=%s
    num.partitions=1
    auto.create.topics.enable=false
    offsets.topic.num.partitions=1
    offsets.topic.replication.factor=1
    transaction.state.log.num.partitions=1
    transaction.state.log.replication.factor=1
    transaction.state.log.min.isr=1
    share.coordinator.state.topic.num.partitions=1
    share.coordinator.state.topic.replication.factor=1
    share.coordinator.state.topic.min.isr=1
    group.initial.rebalance.delay.ms=0
    log.retention.ms=-1
    log.cleaner.dedupe.buffer.size=2097152
    log.index.size.max.bytes=1048576
    num.network.threads=2
    num.io.threads=2
    """
        .formatted(controller, data.toString().replace("\\", "/"));
  }

  private static List<String> command(Path settings, Path data, List<String> logins)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true"));
    words.addAll(List.of("-cp", classPath()));
    words.add(BrokerProcess.class.getName());
    words.addAll(List.of(settings.toString(), CLUSTER, data.toString()));
    words.addAll(logins);
    return words;
  }

  private static String classPath() throws IOException {
    Path list = Path.of("spark-submit", "broker", "target", "classpath");
    String home = System.getenv("MILLRACE_HOME");
    Path here = Path.of(home == null ? "" : home).toAbsolutePath();
    for (Optional<Path> at = Optional.of(here); at.isPresent(); at = parent(at.get())) {
      Path found = at.get().resolve(list);
      if (Files.exists(found)) {
        return Files.readString(found).strip() + java.io.File.pathSeparator + ownClasses();
      }
    }
    throw new IllegalStateException(
        "Missing the broker's class path "
            + list
            + " above "
            + here
            + ". Run: mvn -q -pl spark-submit/broker process-resources");
  }

  private static Optional<Path> parent(Path folder) {
    return Optional.ofNullable(folder.getParent());
  }

  private static Path ownClasses() {
    try {
      return Path.of(
          BrokerProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Cannot find where the test kit lies", e);
    }
  }

  private void awaitReady(Path log) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    awaitPort(servers, log, end);
    ports.keySet().forEach(listener -> awaitPort(servers(listener), log, end));
    try (Admin admin = admin(servers)) {
      while (true) {
        try {
          admin.describeCluster().nodes().get(500, TimeUnit.MILLISECONDS);
          return;
        } catch (ExecutionException | TimeoutException e) {
          failIfOver(log, end);
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Kafka's own client would log a warning for every try. */
  private void awaitPort(String address, Path log, long end) {
    String[] parts = address.split(":", 2);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), 500);
        return;
      } catch (IOException e) {
        failIfOver(log, end);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void failIfOver(Path log, long end) {
    boolean ended = process.isPresent() && !process.get().isAlive();
    if (!ended && System.nanoTime() < end) {
      return;
    }
    String tail = tail(log);
    if (ended && tail.contains("Address already in use")) {
      throw new PortTaken(servers);
    }
    throw new IllegalStateException(
        "Cannot start the Kafka broker: "
            + (ended ? "its process ended" : "not ready after " + PATIENCE.toSeconds() + " s")
            + ". The end of its log "
            + log
            + ":\n"
            + tail);
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      return "Cannot read it: " + e;
    }
  }

  private static Admin admin(String servers) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG, "50",
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "200",
            AdminClientConfig.RETRY_BACKOFF_MS_CONFIG, "50"));
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted while waiting for the broker", e);
  }

  private static final class PortTaken extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private PortTaken(String servers) {
      super("Cannot start the Kafka broker: " + servers + " was taken by another process");
    }
  }

  private static final class Shared {
    private static final LocalBroker BROKER =
        running().orElseGet(() -> start(Folders.temporary("broker")));

    private static Optional<LocalBroker> running() {
      return Optional.ofNullable(System.getProperty(RUNNING, System.getenv(RUNNING)))
          .map(servers -> new LocalBroker(servers, Map.of(), Optional.empty(), Path.of("")));
    }
  }
}
