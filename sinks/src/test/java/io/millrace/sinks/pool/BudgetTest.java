package io.millrace.sinks.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static SparkConf conf(Map<String, String> settings) {
    SparkConf conf = new SparkConf(false);
    settings.forEach(conf::set);
    return conf;
  }

  @Test
  void givesEachExecutorTheSameShareAndNoneMoreThanThereIs() {
    for (int budget = 1; budget <= 40; budget++) {
      for (int executors = 1; executors <= budget; executors++) {
        int share = Budget.share(budget, executors);
        assertThat(share).isPositive();
        assertThat(share * executors).isBetween(budget - executors + 1, budget);
      }
    }
    assertThatThrownBy(() -> Budget.share(3, 4))
        .hasMessage(
            "Cannot divide a budget of 3 connections among 4 executors: each needs one. Raise budget"
                + " to 4 or more, or use fewer executors");
  }

  @Test
  void countsTheExecutorsThatMayComeAndThoseThatAreThere() {
    assertThat(Budget.executors(conf(Map.of()), 0)).isEqualTo(1);
    assertThat(Budget.executors(conf(Map.of()), 3)).isEqualTo(3);
    assertThat(Budget.executors(conf(Map.of("spark.executor.instances", "5")), 2)).isEqualTo(5);
    assertThat(Budget.executors(conf(Map.of("spark.executor.instances", "2")), 4)).isEqualTo(4);
    Map<String, String> standalone = Map.of("spark.cores.max", "9", "spark.executor.cores", "2");
    assertThat(Budget.executors(conf(standalone), 1)).isEqualTo(4);
  }

  @Test
  void asksForALimitWhereExecutorsComeAndGo() {
    assertThatThrownBy(
            () ->
                Budget.executors(
                    conf(
                        Map.of(
                            "spark.dynamicAllocation.enabled",
                            "true",
                            "spark.executor.instances",
                            "2")),
                    2))
        .hasMessageStartingWith("Missing spark.dynamicAllocation.maxExecutors: a budget");
    Map<String, String> limited =
        Map.of(
            "spark.dynamicAllocation.enabled", "true", "spark.dynamicAllocation.maxExecutors", "7");
    assertThat(Budget.executors(conf(limited), 2)).isEqualTo(7);
  }
}
