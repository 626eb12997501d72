package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.engine.dstream.DStreams;
import io.millrace.engine.dstream.RunningDStreams;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.run.Training;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.ModelVersions;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.LocalRedis;
import io.millrace.engine.testing.LocalRegistry;
import io.millrace.engine.testing.SecuredBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.util.SafeEncoder;

/** Every file in {@code conf/examples} is sound, and does what it says on real parts. */
class ExamplesTest {
  private static final Path FOLDER = Jobs.folder("conf/examples");
  private static final Path HOME = Folders.temporary("examples");
  private static final Map<String, String> VARIABLES = new LinkedHashMap<>();

  @BeforeAll
  static void parts() {
    LocalBroker broker = LocalBroker.shared();
    VARIABLES.put("DATA", FOLDER.resolve("data").toString());
    VARIABLES.put("CHECKPOINTS", HOME.resolve("checkpoints").toString());
    VARIABLES.put("OUT", HOME.resolve("out").toString());
    VARIABLES.put("LAKE", HOME.resolve("lake").toString());
    VARIABLES.put("MODELS", HOME.resolve("models").toString());
    VARIABLES.put("KAFKA", broker.servers());
    VARIABLES.put("DB", LocalPostgres.shared().url());
    VARIABLES.put("REDIS", LocalRedis.shared().url(0));
    VARIABLES.put("DB_USER", LocalPostgres.shared().user());
    new Training(Sessions.spark()).run(Jobs.training(example("pipeline"), VARIABLES));
    addOnnx(HOME.resolve("models").resolve("onnx_clicks"));
  }

  /** As the example says that it is done. */
  private static void addOnnx(Path store) {
    ModelVersions versions = Catalog.load().models(store.toString()).orElseThrow();
    ModelVersions.Version added =
        versions.add(
            new ModelVersions.Foreign(
                FOLDER.resolve("data/onnx/clicks.onnx"),
                Optional.empty(),
                List.of("hour", "dwell_ms"),
                Map.of(),
                ModelVersions.Missing.REFUSED,
                Optional.of(FOLDER.resolve("data/onnx/clicks.jsonl"))));
    versions.promote(added.name());
  }

  @Test
  void everyKindHasAnExampleAndEveryExampleAKind() throws IOException {
    Catalog catalog = Catalog.load();
    TreeSet<String> kinds = new TreeSet<>();
    Stream.of(
            catalog.sources(),
            catalog.decoders(),
            catalog.steps(),
            catalog.sinks(),
            catalog.trainers())
        .flatMap(List::stream)
        .map(Kind::name)
        .forEach(kinds::add);

    // Beside a kind of their own: how it logs in, Avro, and tombstones that come and go, of kafka;
    // the registry of avro; rows by key, and changes, of delta; of watermark rows behind it, an
    // input that is silent, times ahead, and rows that say what is complete; of window what goes by
    // other clocks, by rows in their order, and what fires besides its end; versions of lookup and
    // of join; numbers of dedupe; of top a result that changes; and of
    // score what was trained elsewhere.
    kinds.add("kafka-secured");
    kinds.add("kafka-avro");
    kinds.add("kafka-merge");
    kinds.add("kafka-compacted");
    kinds.add("avro-registry");
    kinds.add("delta-merge");
    kinds.add("delta-changes");
    kinds.add("watermark-late");
    kinds.add("watermark-idle");
    kinds.add("watermark-max-ahead");
    kinds.add("watermark-punctuation");
    kinds.add("window-clock");
    kinds.add("window-rows");
    kinds.add("window-trigger");
    kinds.add("lookup-as-of");
    kinds.add("dedupe-sequence");
    kinds.add("top-running");
    kinds.add("join-as-of");
    kinds.add("score-onnx");
    // Of no kind: rows as they come, and jobs that run as DStreams.
    kinds.add("realtime");
    kinds.add("dstream");
    kinds.add("dstream-socket");
    assertThat(files().map(ExamplesTest::kind)).containsExactlyInAnyOrderElementsOf(kinds);
  }

  @ParameterizedTest
  @MethodSource("files")
  void isSound(Path file) throws IOException {
    assertThat(Jobs.lint(file, VARIABLES)).isEmpty();
    assertThat(Schemas.refuse(Files.readString(file))).isEmpty();
    assertThat(Files.readString(file)).as("begins with what it is for").startsWith("# ");
  }

  @Test
  void everyOtherFileIsSoundToo() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
    variables.put("LAKE", HOME.resolve("history").toString());
    variables.put("MODELS", HOME.resolve("other-models").toString());
    variables.put("REGISTRY", "http://localhost:8081");
    history(HOME.resolve("history").toString());
    List<Path> models = others("models");
    models.forEach(model -> new Training(Sessions.spark()).run(Jobs.training(model, variables)));

    List<Path> queries =
        others("nexmark").stream()
            .filter(file -> file.getFileName().toString().matches("q.*"))
            .toList();
    List<Path> all = Stream.of(models, others("jobs"), queries).flatMap(List::stream).toList();

    assertThat(all).hasSizeGreaterThanOrEqualTo(2 + queries.size());
    assertThat(queries).hasSize(24);
    for (Path file : all) {
      assertThat(Jobs.lint(Jobs.withSecret(file), variables)).as(file.toString()).isEmpty();
      assertThat(Schemas.refuse(Files.readString(file))).as(file.toString()).isEmpty();
    }
  }

  /** What the training files learn from. */
  private static void history(String lake) {
    Sessions.spark()
        .range(200)
        .selectExpr(
            "concat('c', id) as click_id",
            "timestamp_seconds(1767225600 + id) as clicked_at",
            "if(id % 3 = 0, 'phone', 'desktop') as device",
            "id * 7 % 900 as dwell_ms",
            "id % 5 as pointer_moves",
            "id * 7 % 900 < 300 as is_fraud")
        .write()
        .json(lake + "/click_history");
    Sessions.spark()
        .range(200)
        .selectExpr(
            "concat('t', id) as transaction_id",
            "concat('c', id % 9) as card",
            "id * 7 % 900 / 4 as amount",
            "concat('m', id % 5) as merchant",
            "if(id % 3 = 0, 'FR', 'DE') as country",
            "'DE' as home_country",
            "timestamp_seconds(1767225600 + id) as paid_at",
            "id * 7 % 900 < 300 as is_fraud")
        .write()
        .json(lake + "/transaction_history");
  }

  private static List<Path> others(String folder) throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolveSibling(folder))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  /** The rows that each sink gets of the data beside the examples. */
  @ParameterizedTest
  @CsvSource({
    "files, archive=8 dead_letters=1",
    "json, screen=8 dead_letters=1",
    "csv, screen=3 dead_letters=1",
    "text, screen=9 dead_letters=0",
    "sql, prices=7 turnover=3",
    "validate, orders_table=7 dead_letters=2",
    "watermark, screen=4",
    "watermark-late, screen=1 dead_letters=1",
    "watermark-idle, screen=4 dead_letters=1",
    "watermark-max-ahead, screen=4 dead_letters=1",
    "watermark-punctuation, screen=2 dead_letters=0",
    "window, minutes=4 sessions=4 trends=21",
    "window-clock, parts=4 days=1 moments=6",
    "dedupe, screen=7",
    "dedupe-sequence, screen=8",
    "changelog, countries=2",
    "join, screen=8",
    "join-as-of, screen=7 dead_letters=1",
    "learn, learned=120",
    "lookup, screen=8",
    "lookup-as-of, screen=8",
    "update-state, screen=3",
    "union, screen=9",
    "console, screen=9",
    "foreach, mine=9"
  })
  void deliversItsRows(String kind, String expected) {
    assertThat(Jobs.run(Jobs.plan(example(kind), VARIABLES))).isEqualTo(counts(expected));
  }

  @Test
  void kafkaRoutesLargeOrders() throws IOException {
    topics("orders", "large-orders", "dead-letters");
    Topics.write(servers(), "orders", lines("orders/morning.json"));

    assertThat(Jobs.run(Jobs.plan(example("kafka"), VARIABLES)))
        .isEqualTo(Map.of("large_orders", 2L, "dead_letters", 1L));
    Topics.awaitDecided(servers(), "large-orders");
    assertThat(Topics.values(servers(), "large-orders"))
        .hasSize(2)
        .allMatch(order -> order.contains("\"item\":\"desk\""));
    assertThat(Topics.values(servers(), "dead-letters").get(0)).contains("\"step\":\"orders\"");
  }

  @Test
  void realtimeSortsTransfersAsTheyCome() throws Exception {
    topics("transfers", "cleared", "doubtful", "transfers-dead");
    try (RunningJob job =
        new Launcher(Sessions.spark()).launch(Jobs.plan(example("realtime"), VARIABLES))) {
      Topics.write(
          servers(),
          "transfers",
          "{\"transfer_id\":\"p1\",\"card\":\"c\",\"amount\":20}",
          "{\"transfer_id\":\"p2\",\"card\":\"c\",\"amount\":2000}",
          "{\"transfer_id\":\"p3\",\"card\":\"c\",\"amount\":-1}");
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      for (String topic : List.of("cleared", "doubtful", "transfers-dead")) {
        while (Topics.values(servers(), topic).isEmpty() && System.nanoTime() < end) {
          assertThat(job.await(Duration.ofMillis(20))).as("still runs").isFalse();
        }
      }
    }

    assertThat(Topics.values(servers(), "cleared")).singleElement().asString().contains("p1");
    assertThat(Topics.values(servers(), "doubtful")).singleElement().asString().contains("p2");
    assertThat(Topics.values(servers(), "transfers-dead"))
        .singleElement()
        .asString()
        .contains("amount > 0");
  }

  @Test
  void kafkaMergeLeavesWhatWasNotTakenBack() {
    topics("shifts");
    Jobs.run(Jobs.plan(example("kafka-merge"), VARIABLES));

    Topics.awaitDecided(servers(), "shifts");
    Map<String, Boolean> there = new LinkedHashMap<>();
    Topics.read(servers(), "shifts")
        .forEach(
            record ->
                there.put(
                    new String(record.key(), StandardCharsets.UTF_8), record.value() != null));
    assertThat(there).hasSizeGreaterThan(2);
    there.values().removeIf(value -> !value);
    assertThat(there).containsOnlyKeys("m1 08:00-08:11", "m2 08:01-08:10");
  }

  @Test
  void lookupJdbcAsksTheDatabase() {
    LocalPostgres.shared()
        .execute(
            "create table customers (customer text primary key, country text, tier int)",
            "insert into customers values ('ada', 'uk', 1), ('bob', 'us', 2)");

    assertThat(Jobs.run(Jobs.plan(example("lookup-jdbc"), VARIABLES)))
        .isEqualTo(Map.of("screen", 6L, "dead_letters", 3L));
  }

  @Test
  void kafkaSecuredLogsInOverTls(@TempDir Path folder) throws IOException {
    try (SecuredBroker broker = SecuredBroker.start(folder, "change-me")) {
      String plain = broker.plain().servers();
      broker.plain().createTopic("orders", 1);
      broker.plain().createTopic("large-orders", 1);
      Topics.write(plain, "orders", lines("orders/morning.json"));
      Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
      variables.put("KAFKA_TLS", broker.servers());
      variables.put("KAFKA_CA", broker.authority().toString());

      assertThat(Jobs.run(Jobs.plan(example("kafka-secured"), variables)))
          .isEqualTo(Map.of("large_orders", 2L));
      assertThat(Topics.values(plain, "large-orders")).hasSize(2);
    }
  }

  @Test
  void avroReadsWhatAvroWrites() throws IOException {
    topics("payments");
    Topics.write(
        servers(),
        List.of(
            new ProducerRecord<>("payments", payment("p1", 12.5)),
            new ProducerRecord<>("payments", payment("p2", 20)),
            new ProducerRecord<>("payments", Topics.bytes("no record"))));

    assertThat(Jobs.run(Jobs.plan(example("avro"), VARIABLES)))
        .isEqualTo(Map.of("screen", 2L, "dead_letters", 1L));
  }

  @Test
  void avroRegistryReadsWhatItsWritersRegistered() {
    String first =
        RegistryDecodeTest.schema(
                "{'name': 'payment_id', 'type': 'string'}, {'name': 'amount', 'type': 'double'}")
            .replace("Order", "Payment");
    String other =
        RegistryDecodeTest.schema("{'name': 'payment_id', 'type': 'string'}")
            .replace("Order", "Payment");
    int id = LocalRegistry.shared().register("example-payments-value", first);
    int misfit = LocalRegistry.shared().register("example-payments-value", other);
    LocalBroker.shared().createTopic("example-payments", 1);
    Topics.write(
        servers(),
        List.of(
            new ProducerRecord<>(
                "example-payments", RegistryDecodeTest.framed(id, first, "p1", 12.5)),
            new ProducerRecord<>(
                "example-payments", RegistryDecodeTest.framed(misfit, other, "p2"))));

    assertThat(Jobs.run(Jobs.plan(example("avro-registry"), registry())))
        .isEqualTo(Map.of("screen", 1L, "dead_letters", 1L));
  }

  @Test
  void kafkaAvroRegistersWhatItWrites() {
    topics("payments-by-shop");

    assertThat(Jobs.run(Jobs.plan(example("kafka-avro"), registry())))
        .isEqualTo(Map.of("payments", 8L));
    assertThat(LocalRegistry.shared().newest("payments-by-shop-value"))
        .startsWith("{\"type\":\"record\",\"name\":\"Payment\",\"namespace\":\"shop\"");
    assertThat(Topics.read(servers(), "payments-by-shop"))
        .hasSize(8)
        .allSatisfy(record -> assertThat(record.value()[0]).isZero());
  }

  private static Map<String, String> registry() {
    Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
    variables.put("REGISTRY", LocalRegistry.shared().url());
    return variables;
  }

  @Test
  void bytesCopiesATopicUntouched() {
    topics("images", "image-copies");
    byte[] image = {(byte) 0xff, 0, (byte) 0xd8, 10};
    Topics.write(servers(), List.of(new ProducerRecord<>("images", Topics.bytes("first"), image)));

    assertThat(Jobs.run(Jobs.plan(example("bytes"), VARIABLES))).isEqualTo(Map.of("copies", 1L));
    assertThat(Topics.read(servers(), "image-copies"))
        .singleElement()
        .satisfies(
            copy -> {
              assertThat(copy.value()).isEqualTo(image);
              assertThat(copy.key()).isEqualTo(Topics.bytes("first"));
            });
  }

  @Test
  void deltaReadsWhatAnotherJobWrote() {
    Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
    variables.put("LAKE", HOME.resolve("delta-lake").toString());
    variables.put("CHECKPOINTS", HOME.resolve("delta-checkpoints").toString());
    Jobs.run(Jobs.plan(example("validate"), variables));

    assertThat(Jobs.run(Jobs.plan(example("delta"), variables)))
        .isEqualTo(Map.of("lamps_table", 2L));
    assertThat(
            Jobs.texts(
                Sessions.spark().read().format("delta").load(variables.get("LAKE") + "/lamps")))
        .containsExactlyInAnyOrder("[o1,ada,30.0]", "[o5,bob,30.0]");
  }

  @Test
  void deltaHoldsWhatAWindowHasNotTakenBack() {
    Jobs.run(Jobs.plan(example("window-trigger"), VARIABLES));

    assertThat(
            Jobs.texts(
                Sessions.spark()
                    .read()
                    .format("delta")
                    .load(VARIABLES.get("LAKE") + "/shifts")
                    .selectExpr(
                        "machine",
                        "date_format(window_start, 'HH:mm:ss')",
                        "date_format(window_end, 'HH:mm:ss')",
                        "rows")))
        .containsExactlyInAnyOrder(
            "[m1,08:00:00,08:11:00,4]", "[m2,08:01:30,08:10:00,3]", "[m2,08:30:00,08:35:00,1]");
  }

  @Test
  void deltaChangesAreAppliedToAnotherTable() {
    String stock = "delta.`" + VARIABLES.get("LAKE") + "/stock`";
    Sessions.spark()
        .sql(
            "create table "
                + stock
                + " (item string, pieces bigint) using delta tblproperties"
                + " (delta.enableChangeDataFeed = true)");
    Sessions.spark().sql("insert into " + stock + " values ('lamp', 5), ('desk', 1), ('chair', 2)");
    Jobs.run(Jobs.plan(example("delta-changes"), VARIABLES));
    Sessions.spark().sql("update " + stock + " set pieces = 4 where item = 'lamp'");
    Sessions.spark().sql("delete from " + stock + " where item = 'desk'");
    Sessions.spark().sql("insert overwrite " + stock + " values ('lamp', 3), ('chair', 2)");

    assertThat(Jobs.run(Jobs.plan(example("delta-changes"), VARIABLES)))
        .isEqualTo(Map.of("copy", 6L));
    assertThat(delta("stock_copy", "item", "pieces"))
        .containsExactlyInAnyOrder("[lamp,3]", "[chair,2]");
  }

  @Test
  void kafkaCompactedIsATableWithoutTheKeysThatAreGone() {
    topics("item-prices");
    Topics.write(
        servers(),
        List.of(
            new ProducerRecord<>(
                "item-prices", Topics.bytes("lamp"), Topics.bytes("{\"price\": 30}")),
            new ProducerRecord<>(
                "item-prices", Topics.bytes("desk"), Topics.bytes("{\"price\": 120}")),
            new ProducerRecord<>("item-prices", Topics.bytes("lamp"), null),
            new ProducerRecord<>("item-prices", Topics.bytes("desk"), Topics.bytes("{}"))));

    assertThat(Jobs.run(Jobs.plan(example("kafka-compacted"), VARIABLES)))
        .isEqualTo(counts("price_table=3 dead_letters=1"));
    assertThat(delta("item_prices", "item", "price", "version")).containsExactly("[desk,120.0,1]");
  }

  @Test
  void debeziumAppliesChangesInTheirOrder() {
    assertThat(Jobs.run(Jobs.plan(example("debezium"), VARIABLES)))
        .isEqualTo(counts("customers=7 dead_letters=1"));

    assertThat(delta("debezium_customers", "customer", "spent", "credit", "joined", "string(seen)"))
        .containsExactlyInAnyOrder(
            "[ada,9,-12.34,2026-01-01,2026-01-01 10:00:00]", "[eve,3,null,2026-01-04,null]");
  }

  @Test
  void topRunningLeavesTheFirstRowsInItsTables() {
    Jobs.run(Jobs.plan(example("top-running"), VARIABLES));

    assertThat(delta("dearest_orders", "item", "rank", "order_id"))
        .containsExactlyInAnyOrder(
            "[lamp,1,o1]",
            "[lamp,2,o5]",
            "[desk,1,o2]",
            "[desk,2,o6]",
            "[chair,1,o3]",
            "[chair,2,o3]");
    assertThat(delta("best_customers", "customer", "rank", "price"))
        .containsExactlyInAnyOrder("[bob,1,120.0]", "[zoe,2,120.0]", "[ada,3,45.0]");
  }

  /** The rows of a Delta table that an example writes. */
  private static List<String> delta(String table, String... columns) {
    return Jobs.texts(
        Sessions.spark()
            .read()
            .format("delta")
            .load(VARIABLES.get("LAKE") + "/" + table)
            .selectExpr(columns));
  }

  @Test
  void deltaMergesWhatHappenedToEachCustomer() {
    Jobs.run(Jobs.plan(example("delta-merge"), VARIABLES));

    assertThat(
            Jobs.texts(
                Sessions.spark()
                    .read()
                    .format("delta")
                    .load(VARIABLES.get("LAKE") + "/customers")
                    .select("customer", "country")))
        .containsExactlyInAnyOrder("[ada,FR]", "[eve,ES]");
    assertThat(
            Jobs.texts(
                Sessions.spark()
                    .read()
                    .format("delta")
                    .load(VARIABLES.get("LAKE") + "/customer_history")
                    .selectExpr(
                        "customer",
                        "country",
                        "date_format(valid_from, 'HH:mm')",
                        "date_format(valid_to, 'HH:mm')",
                        "is_current")))
        .containsExactlyInAnyOrder(
            "[ada,GB,10:00,11:00,false]",
            "[ada,IT,11:00,12:00,false]",
            "[ada,FR,12:00,null,true]",
            "[bob,DE,10:00,12:30,false]",
            "[bob,PL,12:30,13:00,false]",
            "[eve,ES,10:00,null,true]");
  }

  @Test
  void jdbcAppendsAndUpserts() throws SQLException {
    assertThat(Jobs.run(Jobs.plan(example("jdbc"), VARIABLES)))
        .isEqualTo(
            Map.of("orders_table", 8L, "turnover", 5L, "open_orders", 8L, "first_orders", 4L));
    assertThat(number("select count(*) from example_orders")).isEqualTo(8);
    assertThat(number("select sum(orders) from example_turnover")).isEqualTo(8);
    assertThat(number("select count(*) from example_open_orders where price > 0")).isEqualTo(6);
    assertThat(number("select count(*) from millrace_deletes_example_open_orders")).isEqualTo(1);
    assertThat(number("select count(*) from example_first_orders")).isEqualTo(4);
  }

  @Test
  void redisKeepsWhatIsNewest() {
    assertThat(Jobs.run(Jobs.plan(example("redis"), VARIABLES)))
        .isEqualTo(Map.of("last_orders", 8L, "open_orders", 8L));
    assertThat(redis("HGET", "customer:ada", "order_id")).isEqualTo("o7");
    assertThat(redis("GET", "order:o2"))
        .isEqualTo(
            "{\"item\":\"desk\",\"price\":120.0,\"ordered_at\":\"2026-01-01T10:00:40.000Z\"}");
    assertThat((Long) redis("TTL", "order:o2")).isPositive();
    assertThat(redis("EXISTS", "order:o4")).isEqualTo(0L);
  }

  @Test
  void httpSendsOrdersToAnEndpoint() throws IOException {
    List<String> bodies = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext("/orders", exchange -> refuseDesks(exchange, bodies));
    server.start();
    try {
      Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
      variables.put("ENDPOINT", "http://localhost:" + server.getAddress().getPort() + "/orders");

      assertThat(Jobs.run(Jobs.plan(example("http"), variables)))
          .isEqualTo(Map.of("webhook", 6L, "dead_letters", 3L));
    } finally {
      server.stop(0);
    }
    assertThat(bodies).hasSizeGreaterThan(1).allMatch(body -> body.startsWith("[{\"order_id\":"));
    assertThat(
            Sessions.spark()
                .read()
                .json(VARIABLES.get("OUT") + "/http/dead-letters")
                .where("rule = 'http_422' and step = 'webhook'")
                .count())
        .isEqualTo(2);
  }

  private static void refuseDesks(HttpExchange exchange, List<String> bodies) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      bodies.add(body);
      exchange.sendResponseHeaders(body.contains("desk") ? 422 : 204, -1);
    }
  }

  private static Object redis(String... words) {
    try (var connection =
        new redis.clients.jedis.Connection("127.0.0.1", LocalRedis.shared().port())) {
      connection.sendCommand(
          Protocol.Command.valueOf(words[0]), Arrays.copyOfRange(words, 1, words.length));
      return SafeEncoder.encodeObject(connection.getOne());
    }
  }

  @Test
  void foreachBatchCountsItsBatches() throws SQLException {
    assertThat(Jobs.run(Jobs.plan(example("foreach-batch"), VARIABLES)))
        .isEqualTo(Map.of("mine", 9L));
    assertThat(number("select sum(counted) from example_batches")).isEqualTo(9);
  }

  @Test
  void sparkWritesByItsOwnSink() {
    Jobs.run(Jobs.plan(example("spark"), VARIABLES));

    assertThat(Sessions.spark().read().orc(VARIABLES.get("OUT") + "/spark/lines").count())
        .isEqualTo(9);
  }

  @Test
  void memoryKeepsWhatATestLooksFor() {
    MemoryRows.named("orders").add(RowFactory.create("o1", 30.0), RowFactory.create("o2", 120.0));

    Jobs.run(Jobs.plan(example("memory"), VARIABLES));

    assertThat(MemorySink.rows("large_orders")).containsExactly(RowFactory.create("o2", 120.0));
  }

  @Test
  void scoreFindsSuspiciousClicks() {
    Map<String, Long> found = Jobs.run(Jobs.plan(example("score"), VARIABLES));

    long labelled =
        Sessions.spark()
            .read()
            .option("header", "true")
            .csv(VARIABLES.get("DATA") + "/clicks")
            .where("is_fraud = 'true'")
            .count();
    assertThat(found.get("suspicious")).isBetween(labelled / 2, labelled * 2);
  }

  @Test
  void scoreOnnxFindsWhatTheFormulaOfItsModelFinds() {
    Map<String, Long> found = Jobs.run(Jobs.plan(example("score-onnx"), VARIABLES));

    long expected =
        Sessions.spark()
            .read()
            .option("header", "true")
            .csv(VARIABLES.get("DATA") + "/clicks")
            .where("0.5 + 0.05 * hour - 0.004 * dwell_ms > 0")
            .count();
    assertThat(expected).isBetween(10L, 110L);
    assertThat(found).containsEntry("suspicious", expected);
  }

  @Test
  void rateGoesOnUntilItIsStopped() {
    until("rate", VARIABLES, "screen", 5);
  }

  @Test
  void socketTakesWhatSomebodyTypes() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread typist = new Thread(() -> type(server), "typist");
      typist.setDaemon(true);
      typist.start();
      Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
      variables.put("HOST", "127.0.0.1");
      variables.put("PORT", Integer.toString(server.getLocalPort()));

      until("socket", variables, "screen", 5);
    }
  }

  @Test
  void dstreamAddsUpByCountry() {
    Jobs.Delivered delivered = new Jobs.Delivered();
    untilDStream("dstream", VARIABLES, delivered, "archive", 7);

    assertThat(delivered.rows()).containsEntry("dead_letters", 2L);
    assertThat(delivered.rows().get("screen")).isPositive();
  }

  @Test
  void dstreamSocketCountsWhatSomebodyTypes() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread typist = new Thread(() -> type(server), "typist");
      typist.setDaemon(true);
      typist.start();
      Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
      variables.put("HOST", "127.0.0.1");
      variables.put("PORT", Integer.toString(server.getLocalPort()));
      Jobs.Delivered delivered = new Jobs.Delivered();

      untilDStream("dstream-socket", variables, delivered, "screen", 5);

      assertThat(delivered.rows().get("all")).isGreaterThanOrEqualTo(5);
    }
  }

  private static void untilDStream(
      String example,
      Map<String, String> variables,
      Jobs.Delivered delivered,
      String sink,
      long rows) {
    Plan plan = Jobs.plan(example(example), variables);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (RunningDStreams job = new DStreams(Sessions.spark(), delivered).launch(plan)) {
      while (delivered.rows().getOrDefault(sink, 0L) < rows && System.nanoTime() < end) {
        assertThat(job.await(Duration.ofMillis(100))).as("still runs").isFalse();
      }
    }
    assertThat(delivered.rows().get(sink)).isGreaterThanOrEqualTo(rows);
  }

  /** Spark connects once to look, and once more to read. */
  private static void type(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          PrintWriter out =
              new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
        out.println("so much depends");
        out.println("upon a");
        int end = socket.getInputStream().read();
        assertThat(end).isEqualTo(-1);
      } catch (IOException e) {
        // The reader hung up, or the server is closed.
      }
    }
  }

  private static void until(String kind, Map<String, String> variables, String sink, long rows) {
    Jobs.Delivered delivered = new Jobs.Delivered();
    Launcher launcher = new Launcher(Sessions.spark(), delivered, List.of());
    Plan plan = Jobs.plan(example(kind), variables);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (RunningJob job = launcher.launch(plan)) {
      while (delivered.rows().getOrDefault(sink, 0L) < rows && System.nanoTime() < end) {
        assertThat(job.await(Duration.ofMillis(100))).as("still runs").isFalse();
      }
    }
    assertThat(delivered.rows().get(sink)).isGreaterThanOrEqualTo(rows);
  }

  private static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  private static Path example(String kind) {
    return FOLDER.resolve(kind + ".yaml");
  }

  private static String kind(Path file) {
    return file.getFileName().toString().replace(".yaml", "");
  }

  private static Map<String, Long> counts(String text) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String each : text.split(" ", -1)) {
      String[] pair = each.split("=", 2);
      counts.put(pair[0], Long.parseLong(pair[1]));
    }
    return counts;
  }

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  private static void topics(String... names) {
    for (String name : names) {
      LocalBroker.shared().createTopic(name, 1);
    }
  }

  private static String[] lines(String file) throws IOException {
    return Files.readAllLines(FOLDER.resolve("data").resolve(file)).toArray(String[]::new);
  }

  private static byte[] payment(String id, double amount) throws IOException {
    Schema schema =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Payment", "fields": [
                  {"name": "payment_id", "type": "string"}, {"name": "amount", "type": "double"}]}
                """);
    GenericRecord record = new GenericData.Record(schema);
    record.put("payment_id", id);
    record.put("amount", amount);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static long number(String query) {
    return LocalPostgres.shared().number(query);
  }
}
