package io.millrace.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestKitTest {
  @Test
  void startsABrokerThatKeepsWhatIsWritten() {
    LocalBroker broker = LocalBroker.shared();
    String topic = "kit" + System.nanoTime();
    broker.createTopic(topic, 2);

    Topics.write(broker.servers(), topic, "a", "b");
    Topics.write(
        broker.servers(),
        List.of(new ProducerRecord<>(topic, 1, 77L, Topics.bytes("k"), Topics.bytes("c"))));

    assertThat(Topics.values(broker.servers(), topic)).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(Topics.read(broker.servers(), topic))
        .anySatisfy(
            record -> {
              assertThat(record.timestamp()).isEqualTo(77L);
              assertThat(record.key()).isEqualTo(Topics.bytes("k"));
            });
  }

  @Test
  void createsTopicsThatTakeTheFirstRecordWithoutARetry() throws Exception {
    LocalBroker broker = LocalBroker.shared();
    Map<String, Object> once =
        Map.of("bootstrap.servers", broker.servers(), "retries", 0, "enable.idempotence", false);
    for (int round = 0; round < 5; round++) {
      String topic = "first" + System.nanoTime();
      broker.createTopic(topic, 40);
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(once, new ByteArraySerializer(), new ByteArraySerializer())) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int partition = 0; partition < 40; partition++) {
          sent.add(
              producer.send(new ProducerRecord<>(topic, partition, null, Topics.bytes("first"))));
        }
        for (Future<RecordMetadata> each : sent) {
          assertThat(each.get().offset()).isZero();
        }
      }
    }
  }

  @Test
  void deletesTheDataOfABrokerThatIsClosed(@TempDir Path folder) {
    try (LocalBroker broker = LocalBroker.start(folder)) {
      broker.createTopic("short", 1);
      assertThat(folder.resolve("data").resolve("meta.properties")).exists();
    }
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void endsABrokerWhoseStarterIsGone(@TempDir Path folder) throws IOException {
    try (LocalBroker broker = LocalBroker.start(folder)) {
      broker.abandon();
      assertThat(folder.resolve("data")).doesNotExist();
    }
  }

  @Test
  void startsAPostgresThatSyncs() {
    LocalPostgres server = LocalPostgres.shared().createDatabase("kit" + System.nanoTime());
    assertThat(
            server.read(
                "select current_setting('fsync'), current_setting('synchronous_commit'),"
                    + " current_setting('shared_buffers'), current_database() like 'kit%'"))
        .containsExactly("on|on|64MB|t");
  }

  @Test
  void startsASessionWithDelta(@TempDir Path folder) throws IOException {
    String table = Files.createDirectories(folder).resolve("t").toString();
    Sessions.spark().range(3).write().format("delta").save(table);
    assertThat(Sessions.spark().read().format("delta").load(table).count()).isEqualTo(3);
  }
}
