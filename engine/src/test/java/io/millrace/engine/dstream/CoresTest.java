package io.millrace.engine.dstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.run.JobFailedException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class CoresTest {
  @Test
  void aReceiverNeedsACoreBesideThoseOfItsRows() {
    assertThatThrownBy(() -> Cores.failIfTooFew(conf("local[2]"), 2))
        .isInstanceOf(JobFailedException.class)
        .hasMessage(
            "Cannot start: needs 3 cores, 2 for receivers and at least one for their rows, found 2"
                + " with master local[2]. Write spark: {spark.master: \"local[3]\"}, or give the"
                + " cluster more");
    assertThatCode(() -> Cores.failIfTooFew(conf("local[3]"), 2)).doesNotThrowAnyException();
  }

  @Test
  void aFolderAloneNeedsTwo() {
    assertThatThrownBy(() -> Cores.failIfTooFew(conf("local"), 0))
        .hasMessageStartingWith("Cannot start: needs 2 cores, 0 for receivers");
    assertThatCode(() -> Cores.failIfTooFew(conf("local[2,4]"), 0)).doesNotThrowAnyException();
  }

  @Test
  void readsWhatAClusterIsAskedFor() {
    assertThat(Cores.of(conf("local-cluster[2,3,1024]"))).contains(6L);
    assertThat(Cores.of(conf("spark://h:7077").set("spark.cores.max", "4"))).contains(4L);
    assertThat(
            Cores.of(
                conf("yarn").set("spark.executor.instances", "2").set("spark.executor.cores", "5")))
        .contains(10L);
    assertThat(Cores.of(conf("spark://h:7077"))).isEmpty();
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).setMaster(master);
  }
}
