package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A job that keeps a table, and one that looks its rows up meanwhile. */
class TwoJobsTest {
  private static final String CHANGE =
      "{\"customer\": \"%s\", \"country\": \"%s\", \"tier\": 1, \"changed_at\": \"2026-01-01T10:%s:00Z\"}";
  private static final String ORDER =
      "{\"order_id\": \"%s\", \"customer\": \"%s\", \"price\": 1.5}";

  private final LocalBroker broker = LocalBroker.shared();
  private final Path home = Folders.temporary("two-jobs");
  private final Map<String, String> variables =
      Map.of(
          "KAFKA", broker.servers(),
          "LAKE", home.resolve("lake").toString(),
          "CHECKPOINTS", home.resolve("checkpoints").toString(),
          "TRIGGER", "available-now",
          "MAX_PER_BATCH", "1");

  @BeforeEach
  void topics() {
    broker.createTopic("customer-changes", 1);
    broker.createTopic("customer-orders", 1);
  }

  private Plan plan(String job) {
    return Jobs.plan(Jobs.folder("conf/jobs").resolve(job + ".yaml"), variables);
  }

  private void change(String... changes) {
    Topics.write(broker.servers(), "customer-changes", changes);
    Jobs.run(plan("customers"));
  }

  private List<String> placed() {
    return Jobs.texts(
        Sessions.spark()
            .read()
            .format("delta")
            .load(home.resolve("lake/orders_with_customers").toString())
            .select("order_id", "country"));
  }

  @Test
  void whatOneJobWritesTheNextBatchOfTheOtherMeets() {
    change(CHANGE.formatted("ada", "uk", "10"));
    Topics.write(
        broker.servers(),
        "customer-orders",
        ORDER.formatted("o1", "ada"),
        ORDER.formatted("o2", "ada"),
        ORDER.formatted("o3", "bob"));
    Launcher launcher =
        new Launcher(
            Sessions.spark(),
            report -> {
              if (report.batch() == 0 && report.written().containsKey("orders_with_customers")) {
                change(
                    CHANGE.formatted("ada", "fr", "20"),
                    CHANGE.formatted("bob", "de", "20"),
                    CHANGE.formatted("ada", "too late", "15"));
              }
            },
            List.of());
    try (RunningJob job = launcher.launch(plan("orders-with-customers"))) {
      job.await();
    }

    assertThat(placed()).containsExactly("[o1,uk]", "[o2,fr]", "[o3,de]");
  }
}
