package io.millrace.sinks.memory;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.sinks.testing.Batches;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class MemorySinkTest {
  private static MemorySink sink(String name) {
    return new MemorySink(new MemorySink.Settings(name));
  }

  @Test
  void keepsABatchOnceHoweverOftenItComes() {
    Identity who = query();
    Batches.run(sink("once"), who, APPEND, 0, sql("select id from range(0, 3, 1, 2)"));
    Batches.run(sink("once"), who, APPEND, 1, sql("select id from range(3, 4)"));
    Batches.run(sink("once"), who, APPEND, 1, sql("select id from range(3, 4)"));
    Batches.run(sink("once"), who, APPEND, 2, sql("select id from range(0)"));

    assertThat(MemorySink.rows("once"))
        .containsExactlyInAnyOrder(
            RowFactory.create(0L),
            RowFactory.create(1L),
            RowFactory.create(2L),
            RowFactory.create(3L));
    assertThat(MemorySink.batches("once")).containsOnlyKeys(0L, 1L, 2L);
    assertThat(sink("once").guarantee(APPEND)).isEqualTo(Guarantee.EXACTLY_ONCE);
  }

  @Test
  void keepsTheLastResultInModeComplete() {
    Identity who = query();
    Batches.run(sink("whole"), who, COMPLETE, 0, sql("select id from range(3)"));
    Batches.run(sink("whole"), who, COMPLETE, 1, sql("select id from range(1)"));

    assertThat(MemorySink.rows("whole")).containsExactly(RowFactory.create(0L));
  }

  @Test
  void forgetsWhenAsked() {
    Batches.run(sink("gone"), query(), APPEND, 0, sql("select 1"));
    MemorySink.clear("gone");

    assertThat(MemorySink.rows("gone")).isEmpty();
  }

  @Test
  void refusesUpsert() {
    assertThatThrownBy(() -> sink("x").guarantee(UPSERT))
        .hasMessage("Cannot upsert in memory: it has no keys. Use write: append");
  }
}
