package io.millrace.models.compiled;

import java.util.List;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.CountVectorizerModel;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.IDFModel;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.MaxAbsScalerModel;
import org.apache.spark.ml.feature.MinMaxScalerModel;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.RobustScalerModel;
import org.apache.spark.ml.feature.StandardScalerModel;
import org.apache.spark.ml.feature.StopWordsRemover;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorIndexerModel;
import org.apache.spark.ml.feature.VectorSizeHint;
import org.apache.spark.ml.feature.VectorSlicer;

/** The stages that make features. What a quantile discretizer fits is a {@link Bucketizer}. */
final class FeatureStages {
  static final List<Stages.Maker<?>> KNOWN =
      List.of(
          new Stages.Maker<>(StringIndexerModel.class, Indexing::of),
          new Stages.Maker<>(IndexToString.class, Labelling::of),
          new Stages.Maker<>(OneHotEncoderModel.class, Encoding::of),
          new Stages.Maker<>(ImputerModel.class, Imputing::of),
          new Stages.Maker<>(VectorSizeHint.class, Sizing::of),
          new Stages.Maker<>(VectorAssembler.class, Assembling::of),
          new Stages.Maker<>(StandardScalerModel.class, Scaling::standard),
          new Stages.Maker<>(RobustScalerModel.class, Scaling::robust),
          new Stages.Maker<>(MaxAbsScalerModel.class, Scaling::greatest),
          new Stages.Maker<>(MinMaxScalerModel.class, Rescaling::of),
          new Stages.Maker<>(Normalizer.class, Normalizing::of),
          new Stages.Maker<>(Binarizer.class, Binarizing::of),
          new Stages.Maker<>(Bucketizer.class, Bucketing::of),
          new Stages.Maker<>(Tokenizer.class, Splitting::of),
          new Stages.Maker<>(RegexTokenizer.class, PatternSplitting::of),
          new Stages.Maker<>(StopWordsRemover.class, WordRemoving::of),
          new Stages.Maker<>(NGram.class, WordJoining::of),
          new Stages.Maker<>(HashingTF.class, WordHashing::of),
          new Stages.Maker<>(CountVectorizerModel.class, WordCounting::of),
          new Stages.Maker<>(IDFModel.class, Scaling::inverseFrequency),
          new Stages.Maker<>(PCAModel.class, Projecting::of),
          new Stages.Maker<>(VectorSlicer.class, Slicing::of),
          new Stages.Maker<>(ElementwiseProduct.class, Multiplying::of),
          new Stages.Maker<>(VectorIndexerModel.class, FeatureIndexing::of));

  private FeatureStages() {}
}
