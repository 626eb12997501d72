package io.millrace.engine.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.KafkaSecurity.Mechanism;
import io.millrace.engine.spi.KafkaSecurity.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KafkaClientTest {
  private static final Secret PASSWORD = Secret.of("${MILLRACE_TEST_UNSET:-pa\"ss\\word}");

  private static KafkaSecurity security(
      Protocol protocol, Optional<Mechanism> mechanism, Optional<Secret> password) {
    return new KafkaSecurity(
        protocol,
        mechanism,
        mechanism.map(how -> "app"),
        password,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void revealsALoginWithEveryCharacterOfThePassword() {
    KafkaSecurity security =
        security(Protocol.SASL_SSL, Optional.of(Mechanism.SCRAM_SHA_512), Optional.of(PASSWORD));
    KafkaClient client =
        new KafkaClient("one:9092", Optional.of(security), Map.of("client.id", "me"));

    assertThat(client.reveal())
        .containsEntry("bootstrap.servers", "one:9092")
        .containsEntry("client.id", "me")
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .containsEntry(
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required"
                + " username=\"app\" password=\"pa\\\"ss\\\\word\";");
    assertThat(client).asString().doesNotContain("word}").contains("***");
  }

  @Test
  void namesTheTypeOfEachStoreByItsFile() {
    KafkaSecurity security =
        new KafkaSecurity(
            Protocol.SSL,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("/etc/ca.pem"),
            Optional.empty(),
            Optional.of("/etc/me.p12"),
            Optional.of(PASSWORD),
            Optional.empty());

    assertThat(security.reveal())
        .containsEntry("ssl.truststore.location", "/etc/ca.pem")
        .containsEntry("ssl.truststore.type", "PEM")
        .containsEntry("ssl.keystore.type", "PKCS12")
        .containsEntry("ssl.keystore.password", "pa\"ss\\word")
        .doesNotContainKey("sasl.mechanism");
  }

  @Test
  void refusesALoginThatIsNotComplete() {
    assertThatThrownBy(
            () -> security(Protocol.SASL_SSL, Optional.of(Mechanism.PLAIN), Optional.empty()))
        .hasMessage(
            "Missing mechanism, user or password for protocol sasl-ssl. Give all three, for"
                + " example mechanism: scram-sha-512");
    assertThatThrownBy(
            () -> security(Protocol.SSL, Optional.of(Mechanism.PLAIN), Optional.of(PASSWORD)))
        .hasMessage("Cannot log in with protocol ssl. Use sasl-ssl or sasl-plaintext");
  }

  @Test
  void refusesPropertiesThatLoadClassesOrWeakenSecurity() {
    for (String name :
        List.of(
            "interceptor.classes",
            "sasl.jaas.config",
            "ssl.engine.factory.class",
            "ssl.endpoint.identification.algorithm",
            "security.protocol",
            "key.serializer")) {
      assertThatThrownBy(() -> KafkaClient.check(Map.of(name, "x"), List.of("linger.ms")))
          .hasMessageStartingWith("Cannot set the property " + name + ". One may set: client.dns")
          .hasMessageContaining("linger.ms");
    }
    KafkaClient.check(Map.of("linger.ms", "5", "client.id", "me"), List.of("linger.ms"));
  }
}
