package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that a job refused, read again from each place where it can write them. */
class DeadLettersTest {
  private static final String JOB =
      """
      job: dead_${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text}
          decode: {json: "n int not null, at timestamp"}
      steps:
        - {name: small, from: lines, validate: [{rule: below_ten, that: n < 10}, {rule: even, that: n %% 2 = 0}]}
      dead-letters: %s
      sinks:
        - {name: table, delta: {path: "${HOME}/table"}, trigger: available-now}
      """;

  private final String id = "d" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("dead");

  private Plan plan(String target) {
    return Jobs.plan(
        JOB.formatted(target),
        Map.of(
            "HOME", home.toString(),
            "ID", id,
            "KAFKA", LocalBroker.shared().servers(),
            "DB", LocalPostgres.shared().url(),
            "DB_USER", LocalPostgres.shared().user()));
  }

  private List<String> groups(Plan plan, Filter filter) {
    return DeadLetters.of(Sessions.spark(), plan, filter).groups().stream()
        .map(
            group ->
                "%s %s %s %d"
                    .formatted(group.source(), group.step(), group.rule(), group.letters()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{delta: {path: \"${HOME}/dead\"}}",
        "{files: {path: \"${HOME}/dead\", format: json}}",
        "{files: {path: \"${HOME}/dead\", format: parquet}}",
        "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}",
        "{kafka: {servers: \"${KAFKA}\", topic: \"${ID}\"}}",
      })
  void areReadAgainFromWhereTheyAre(String target) throws IOException {
    LocalBroker.shared().createTopic(id, 1);
    Plan plan = plan(target);
    Files.createDirectories(home.resolve("in"));
    assertThat(groups(plan, Filter.ALL)).as("before the first batch").isEmpty();

    Instant begun = Instant.now();
    new LineFolder(home.resolve("in").toString())
        .add("{\"n\": 2}", "{\"n\": 3}", "{\"n\": 15}", "{\"n\": 5}", "brökén");
    Jobs.run(plan);

    assertThat(groups(plan, Filter.ALL))
        .containsExactly(
            "lines small even 2", "lines lines decode 1", "lines small below_ten, even 1");
    assertThat(groups(plan, only(Optional.of("small"), Optional.of("below_ten"), begun)))
        .containsExactly("lines small below_ten, even 1");
    assertThat(groups(plan, only(Optional.empty(), Optional.empty(), Instant.now()))).isEmpty();

    List<DeadLetters.Letter> letters =
        DeadLetters.of(Sessions.spark(), plan, only(Optional.of("lines"), Optional.empty(), begun))
            .newest(10);
    assertThat(letters).hasSize(1);
    DeadLetters.Letter letter = letters.get(0);
    assertThat(new String(Objects.requireNonNull(letter.raw()), UTF_8)).isEqualTo("brökén");
    assertThat(letter.coordinates()).contains("\"file\":\"file:/");
    assertThat(letter.reason()).contains("JSON");
    assertThat(letter.time()).isBetween(begun.minusMillis(1), Instant.now());
    assertThat(letter.batch()).isZero();
  }

  private static Filter only(Optional<String> step, Optional<String> rule, Instant since) {
    return new Filter(
        Optional.empty(), step, rule, Optional.of(since.minusMillis(1)), Optional.empty());
  }

  @Test
  void saysWhereNoneAreKept() {
    assertThatThrownBy(() -> DeadLetters.of(Sessions.spark(), plan("drop"), Filter.ALL))
        .hasMessageStartingWith("Cannot show dead letters: this job drops them.");
    assertThatThrownBy(() -> DeadLetters.of(Sessions.spark(), plan("{console: {}}"), Filter.ALL))
        .hasMessageStartingWith(
            "Cannot show dead letters: they go where nothing can be read again.");
  }
}
