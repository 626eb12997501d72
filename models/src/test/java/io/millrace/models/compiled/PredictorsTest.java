package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.clustering.GaussianMixture;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class PredictorsTest {
  private static final List<String> OUTPUTS =
      List.of("rawPrediction", "leaves", "near", "likely", "likelihood", "deep");

  @Test
  void serveManyThreadsAtOnce() throws Exception {
    Dataset<Row> training = Samples.training();
    RandomForestClassifier forest = new RandomForestClassifier().setNumTrees(5);
    forest.setLeafCol("leaves");
    Program program =
        Program.of(
            Samples.pipeline(
                forest.fit(training),
                new KMeans().setK(4).setMaxIter(1).setPredictionCol("near").fit(training),
                new GaussianMixture()
                    .setMaxIter(1)
                    .setPredictionCol("likely")
                    .setProbabilityCol("likelihood")
                    .fit(training),
                new MultilayerPerceptronClassifier()
                    .setLayers(new int[] {Samples.SIZE, 5, 3})
                    .setMaxIter(1)
                    .setRawPredictionCol("deep")
                    .setProbabilityCol("")
                    .setPredictionCol("")
                    .fit(training)),
            training.schema());
    InternalRow[] rows = training.queryExecution().executedPlan().executeCollect();

    List<String> together =
        Arrays.stream(rows).parallel().map(row -> scored(program, row)).toList();

    assertThat(together).isEqualTo(Arrays.stream(rows).map(row -> scored(program, row)).toList());
  }

  private static String scored(Program program, InternalRow row) {
    Scorer scorer = program.open();
    assertThat(scorer.score(row)).isTrue();
    return OUTPUTS.stream()
        .map(name -> value(scorer.cells(), program.column(name).orElseThrow()))
        .toList()
        .toString();
  }

  private static String value(Cells cells, Slot slot) {
    return slot.kind() == Slot.Kind.VECTOR
        ? String.valueOf(cells.vector(slot))
        : String.valueOf(cells.number(slot));
  }
}
