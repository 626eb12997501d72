package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.SecuredBroker;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Jobs over a broker that wants TLS and a login, and what they say where one of them is wrong. */
class SecuredKafkaTest {
  private static final String PASSWORD = "gentle\"str\\eam-7x";

  /** The part of it that no way of quoting changes. */
  private static final String TELLS = "eam-7x";

  private static final String ALL_LOGS =
      """
      rootLogger.level = info
      rootLogger.appenderRef.stderr.ref = stderr
      appender.stderr.type = Console
      appender.stderr.name = stderr
      appender.stderr.target = SYSTEM_ERR
      appender.stderr.layout.type = PatternLayout
      appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
      logger.kafka.name = org.apache.kafka
      logger.kafka.level = debug
      logger.stream.name = org.apache.spark.sql.kafka010
      logger.stream.level = debug
      """;

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Path HOME = Folders.temporary("secured");

  private static final String COPY =
      """
      job: ${ID}
      checkpoint: ${HOME}/${ID}
      sources:
        - name: orders
          kafka:
            servers: ${SERVERS}
            topics: ["${ID}-in"]
            security: &login
              mechanism: ${MECHANISM}
              user: ${LOGIN}
              password: ${SECRET}
              truststore: ${TRUST}
              ${STORE}
          decode: {text: {}}
      dead-letters: drop
      sinks:
        - name: copies
          kafka: {servers: "${SERVERS}", topic: "${ID}-out", value: value, security: *login}
          trigger: available-now
      """;

  private static final String WRITE =
      """
      job: ${ID}
      checkpoint: ${HOME}/${ID}
      sources:
        - {name: orders, memory: {name: "${ID}", schema: id string}}
      sinks:
        - name: copies
          kafka:
            servers: ${SERVERS}
            topic: ${ID}-out
            security:
              mechanism: ${MECHANISM}
              user: ${LOGIN}
              password: ${SECRET}
              truststore: ${TRUST}
              ${STORE}
          trigger: available-now
      """;

  private static SecuredBroker broker;

  private final String id = "s" + UUID.randomUUID().toString().substring(0, 8);

  @BeforeAll
  static void start() throws IOException {
    broker = SecuredBroker.start(Files.createDirectories(HOME.resolve("broker")), PASSWORD);
    Files.writeString(HOME.resolve("right"), PASSWORD);
    Files.writeString(HOME.resolve("wrong"), PASSWORD + "8");
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({"plain, pem", "scram-sha-256, p12", "scram-sha-512, pem"})
  void readsAndWritesByTlsAndALogin(String mechanism, String store) throws IOException {
    topics();
    Map<String, String> words = words();
    words.put("MECHANISM", mechanism);
    if (store.equals("p12")) {
      words.put("TRUST", broker.truststore().toString());
      words.put("STORE", "truststore-password: ${file:" + HOME.resolve("right") + "}");
    }
    Plan plan = plan(COPY, words);

    assertThat(Jobs.run(plan)).isEqualTo(Map.of("copies", 2L));
    assertThat(Topics.values(broker.plain().servers(), id + "-out")).containsExactly("a", "b");
    assertThat(List.of(PlanRecord.of(plan), plan.toString()))
        .allSatisfy(
            text -> assertThat(text).contains("password=Optional[***]").doesNotContain(TELLS));
    assertThat(filesThatTell(HOME.resolve(id))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhyItCannotUseTheBroker(Map<String, String> mistake, String sentence) {
    topics();
    Map<String, String> words = words();
    words.putAll(mistake);
    String expected = sentence.replace("$AT", "Kafka at " + words.get("SERVERS"));
    // Source and sink ask the broker by the same code; a broker that never answers is asked once.
    boolean silent = broker.plain().servers().equals(words.get("SERVERS"));
    for (String job : silent ? List.of(COPY) : List.of(COPY, WRITE)) {
      Plan plan = plan(job, words);
      long begun = System.nanoTime();
      assertThatThrownBy(() -> Jobs.run(plan))
          .isInstanceOf(JobFailedException.class)
          .hasMessageStartingWith("Cannot start query 'orders': ")
          .hasMessageMatching("(?s).*" + expected)
          .satisfies(failure -> assertThat(trace(failure)).doesNotContain(TELLS));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(BOUND);
    }
  }

  private static Stream<Arguments> mistakes() {
    String wrong = "${file:" + HOME.resolve("wrong") + "}";
    String store = "the store of keys " + HOME.resolve("broker") + "/truststore.p12 of type PKCS12";
    return Stream.of(
        arguments(
            Map.of("SECRET", wrong),
            "Cannot log in to $AT as app: Authentication failed .*SCRAM-SHA-512. Check user, password and mechanism"),
        arguments(
            Map.of("SECRET", wrong, "MECHANISM", "plain"),
            "Cannot log in to $AT as app: Authentication failed: Invalid username or password. Check user, password and mechanism"),
        arguments(
            Map.of("TRUST", broker.stranger().toString()),
            "Cannot connect to $AT by TLS: unable to find valid certification path to requested target. Check that servers has the host of the broker's certificate, and truststore the certificate of who signed it"),
        arguments(
            Map.of("SERVERS", broker.expired()),
            "Cannot connect to $AT by TLS: the certificate has expired, NotAfter: .*"),
        arguments(
            Map.of("SERVERS", broker.servers().replace("localhost", "127.0.0.1")),
            "Cannot connect to $AT by TLS: No subject alternative names matching IP address 127.0.0.1 found.*"),
        arguments(
            Map.of("SERVERS", broker.plain().servers()),
            "Cannot reach $AT: Timed out waiting for a node assignment. .* Check that servers is right, .* and that security fits"),
        arguments(
            Map.of("SERVERS", "no-such-host.invalid:9092"),
            "Cannot find the host of $AT: No resolvable bootstrap urls .*. Check servers"),
        arguments(
            Map.of("LOGIN", SecuredBroker.GUEST),
            "Cannot look at topics? s[0-9a-f]+-(in|out) of $AT as guest: Topic authorization failed. Let the user describe it, and read or write it"),
        arguments(
            Map.of("TRUST", "/nowhere/ca.pem"),
            "Cannot read the store of keys /nowhere/ca.pem: there is no such file. Check its path and its password"),
        arguments(
            Map.of(
                "TRUST", broker.truststore().toString(), "STORE", "truststore-password: " + wrong),
            "Cannot read "
                + store
                + ": .*password was incorrect. Check its path and its password"));
  }

  @Test
  void endsWithOneSentenceAsACommandAndTellsNoPasswordAnywhere() throws Exception {
    topics();
    Path folder = Files.createDirectories(HOME.resolve(id));
    Path file = Files.writeString(folder.resolve("job.yaml"), job(COPY, words()));
    Path settings = Files.writeString(folder.resolve("log4j2.properties"), ALL_LOGS);

    Ended planned = millrace(folder, settings, "plan", file.toString());
    assertThat(planned.exit()).as(planned.err()).isZero();
    Ended done = millrace(folder, settings, "run", file.toString());
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(done.err()).contains("INFO ConsumerConfig", "sasl.jaas.config = [hidden]");
    assertThat(filesThatTell(folder)).isEmpty();

    Map<String, String> wrong = words();
    wrong.put("SECRET", "${file:" + HOME.resolve("wrong") + "}");
    Files.writeString(file, job(COPY, wrong));
    Path usual = Jobs.folder("conf").resolve("log4j2.properties");
    Ended failed = millrace(folder, usual, "run", file.toString());
    assertThat(failed.exit()).as(failed.err()).isEqualTo(3);
    assertThat(failed.err().strip().lines())
        .containsExactly(
            "millrace run: Cannot start query 'orders': Cannot log in to Kafka at "
                + broker.servers()
                + " as app: Authentication failed during authentication due to invalid credentials"
                + " with SASL mechanism SCRAM-SHA-512. Check user, password and mechanism",
            "  (MILLRACE_TRACE=1 prints where in the program it happened)");
    assertThat(filesThatTell(folder)).isEmpty();
  }

  /** What a command printed, and what it ended with. */
  private record Ended(int exit, String err) {}

  private static Ended millrace(Path folder, Path logs, String... arguments) throws Exception {
    List<String> events =
        List.of(
            "-Dspark.eventLog.enabled=true",
            "-Dspark.eventLog.compress=false",
            "-Dspark.eventLog.dir=" + Files.createDirectories(folder.resolve("events")));
    List<String> words = Jobs.command(logs, events, arguments);
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).as(Files.readString(err)).isTrue();
      return new Ended(process.exitValue(), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<Path> filesThatTell(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).filter(SecuredKafkaTest::tells).toList();
    }
  }

  private static boolean tells(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(TELLS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private void topics() {
    broker.plain().createTopic(id + "-in", 1);
    broker.plain().createTopic(id + "-out", 1);
    Topics.write(broker.plain().servers(), id + "-in", "a", "b");
  }

  private Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("HOME", HOME.toString());
    words.put("ID", id);
    words.put("SERVERS", broker.servers());
    words.put("MECHANISM", "scram-sha-512");
    words.put("LOGIN", SecuredBroker.USER);
    words.put("SECRET", "${file:" + HOME.resolve("right") + "}");
    words.put("TRUST", broker.authority().toString());
    words.put("STORE", "");
    return words;
  }

  private static String job(String text, Map<String, String> words) {
    String job = text;
    for (Map.Entry<String, String> word : words.entrySet()) {
      job = job.replace("${" + word.getKey() + "}", word.getValue());
    }
    return job;
  }

  private static Plan plan(String text, Map<String, String> words) {
    return Jobs.plan(job(text, words), Map.of());
  }
}
