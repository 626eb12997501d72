package io.millrace.sinks.memory;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.EVERY_TYPE;
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
  void keepsNothingOfABatchThatFailedAndAllOfItWhenItComesAgain() {
    Identity who = query();
    assertThatThrownBy(
            () ->
                Batches.run(
                    sink("failed"),
                    who,
                    APPEND,
                    0,
                    sql("select if(id = 3, raise_error('boom'), id) id from range(0, 4, 1, 2)")))
        .hasMessageContaining("boom");
    assertThat(MemorySink.rows("failed")).isEmpty();

    Batches.run(sink("failed"), who, APPEND, 0, sql("select id from range(0, 4, 1, 2)"));
    assertThat(MemorySink.rows("failed")).hasSize(4);
  }

  @Test
  void keepsEveryType() {
    Batches.run(sink("types"), query(), APPEND, 0, sql(EVERY_TYPE));

    assertThat(MemorySink.rows("types"))
        .hasSize(2)
        .anySatisfy(row -> assertThat(row.getString(row.fieldIndex("a_text"))).isEqualTo("tëxt"))
        .anySatisfy(row -> assertThat(row.isNullAt(row.fieldIndex("a_struct"))).isTrue());
    assertThat(MemorySink.rows("types").get(0).schema()).isEqualTo(sql(EVERY_TYPE).schema());
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
