package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.spi.Renewal;
import io.millrace.engine.spi.Renewed;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewalsTest {
  private static final String PROPERTY = Renewal.property("stamped");

  @TempDir private Path checkpoint = Path.of("");
  private String newest = "v1";
  private final List<String> recalled = new ArrayList<>();
  private final List<Optional<String>> began = new ArrayList<>();

  /** A step whose newest version the test sets. */
  private final class Stamp implements Renewed {
    @Override
    public Renewal renewal(Dataset<Row> rows, Optional<String> before) {
      began.add(before);
      return new Renewal() {
        @Override
        public Dataset<Row> apply(Dataset<Row> more) {
          return more;
        }

        @Override
        public String renew() {
          return newest;
        }

        @Override
        public void recall(String version) {
          recalled.add(version);
        }

        @Override
        public void close() {}
      };
    }
  }

  private static SparkContext context() {
    return Sessions.spark().sparkContext();
  }

  private Renewals started(long begun) {
    Renewals renewals = Renewals.of(Sessions.spark(), checkpoint.toString());
    Stamp step = new Stamp();
    Plan.Stage stage =
        new Plan.Stage("stamped", Position.JAVA, step, List.of("in"), Optional.empty());
    renewals.apply(stage, step, Sessions.spark().range(1).toDF());
    renewals.start(begun);
    return renewals;
  }

  private static String seen(Renewals renewals, long batch) {
    renewals.begin(context(), batch);
    return context().getLocalProperty(PROPERTY);
  }

  @AfterEach
  void forget() {
    context().setLocalProperty(PROPERTY, null);
  }

  @Test
  void showsABatchThatComesAgainTheVersionThatItSaw() {
    try (Renewals renewals = started(-1)) {
      assertThat(seen(renewals, 0)).isEqualTo("v1");
      newest = "v2";
      assertThat(seen(renewals, 1)).isEqualTo("v2");
      assertThat(renewals.states())
          .containsEntry("stamped", new PartState("v2", Optional.empty(), List.of(), Map.of()));
    }
    newest = "v3";
    try (Renewals renewals = started(1)) {
      assertThat(seen(renewals, 1)).isEqualTo("v2");
      assertThat(recalled).containsExactly("v2");
      assertThat(seen(renewals, 2)).isEqualTo("v3");
    }
    try (Renewals renewals = started(2)) {
      assertThat(seen(renewals, 0)).isEqualTo("v1");
    }
    assertThat(began).containsExactly(Optional.empty(), Optional.of("v2"), Optional.of("v3"));
  }

  @Test
  void forgetsWhatACheckpointThatWasPutBackDoesNotKnow() {
    try (Renewals renewals = started(-1)) {
      seen(renewals, 0);
      newest = "v2";
      seen(renewals, 1);
    }
    newest = "v3";
    try (Renewals renewals = started(0)) {
      assertThat(seen(renewals, 1)).isEqualTo("v3");
      assertThat(recalled).isEmpty();
    }
  }

  @Test
  void notesNothingWhereNoBatchComesAgain() {
    try (Renewals renewals = Renewals.unnoted()) {
      assertThat(renewals.states()).isEmpty();
      Stamp step = new Stamp();
      renewals.apply(
          new Plan.Stage("stamped", Position.JAVA, step, List.of("in"), Optional.empty()),
          step,
          Sessions.spark().range(1).toDF());
      assertThat(seen(renewals, 0)).isEqualTo("v1");
      assertThat(renewals.states()).containsOnlyKeys("stamped");
    }
    assertThat(checkpoint).isEmptyDirectory();
  }
}
