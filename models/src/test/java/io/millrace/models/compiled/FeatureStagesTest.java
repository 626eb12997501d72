package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.QuantileDiscretizer;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.junit.jupiter.api.Test;

class FeatureStagesTest {
  private static String[] names(String... names) {
    return names;
  }

  @Test
  void assemblesAWholePipelineOfFeatures() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            new StringIndexer().setInputCol("city").setOutputCol("place").setHandleInvalid("keep"),
            new OneHotEncoder().setInputCol("place").setOutputCol("places"),
            new Imputer()
                .setInputCols(names("age", "visits"))
                .setOutputCols(names("aged", "visited")),
            new QuantileDiscretizer()
                .setInputCol("aged")
                .setOutputCol("old")
                .setNumBuckets(4)
                .setHandleInvalid("keep"),
            new Tokenizer().setInputCol("text").setOutputCol("tokens"),
            new NGram().setInputCol("tokens").setOutputCol("pairs"),
            new HashingTF().setInputCol("pairs").setOutputCol("hashed").setNumFeatures(64),
            new IDF().setInputCol("hashed").setOutputCol("weighted"),
            new VectorAssembler()
                .setInputCols(names("places", "aged", "visited", "old", "weighted"))
                .setOutputCol("raw"),
            new StandardScaler().setInputCol("raw").setOutputCol("features"));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.refused().values()).containsOnly("Missing text in column text");
    assertThat(seen.scored() + seen.refused().size()).isEqualTo(Equality.ROWS);
  }

  @Test
  void leavesOutWhatAnyStageSkips() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            new StringIndexer().setInputCol("city").setOutputCol("place").setHandleInvalid("skip"),
            new Bucketizer()
                .setInputCol("age")
                .setOutputCol("bucket")
                .setSplits(new double[] {Double.NEGATIVE_INFINITY, 0, 9, Double.POSITIVE_INFINITY})
                .setHandleInvalid("skip"),
            new Binarizer().setInputCol("age").setOutputCol("grown").setThreshold(0.5),
            new VectorAssembler()
                .setInputCols(names("place", "bucket", "grown", "dense", "member", "price"))
                .setOutputCol("features")
                .setHandleInvalid("skip"));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.refused()).isEmpty();
    assertThat(seen.skipped()).isPositive();
    assertThat(seen.scored() + seen.skipped()).isEqualTo(Equality.ROWS);
  }
}
