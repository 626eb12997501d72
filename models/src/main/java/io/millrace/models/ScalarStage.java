package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.util.List;
import java.util.stream.DoubleStream;
import org.apache.spark.ml.PipelineStage;

/** Turns a column of numbers or categories into another. */
public sealed interface ScalarStage extends SingleColumn {
  @Doc("Numbers the values of a column, the most frequent one 0")
  record StringIndexer(
      @Doc("Column to number") String input,
      @Doc("Column for the number") String output,
      @Doc("Unseen values: keep numbers them all alike, error stops") @Default("keep")
          Invalid invalid)
      implements ScalarStage {
    public StringIndexer {
      SingleColumn.apart(input, output);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.StringIndexer()
          .setInputCol(input)
          .setOutputCol(output)
          .setHandleInvalid(SingleColumn.word(invalid));
    }
  }

  @Doc("Turns a number of a category into a vector with a place for each category")
  record OneHotEncoder(
      @Doc("Column with whole numbers from 0") String input,
      @Doc("Column for the vector") String output,
      @Doc("Leave the last category out, as the others tell it") @Default("true") boolean dropLast,
      @Doc("Unseen numbers: keep gives them a place, error stops") @Default("keep") Invalid invalid)
      implements ScalarStage {
    public OneHotEncoder {
      SingleColumn.apart(input, output);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.OneHotEncoder()
          .setInputCols(new String[] {input})
          .setOutputCols(new String[] {output})
          .setDropLast(dropLast)
          .setHandleInvalid(SingleColumn.word(invalid));
    }
  }

  @Doc("Fills nulls of a numeric column")
  record Imputer(
      @Doc("Column with nulls") String input,
      @Doc("Column without") String output,
      @Doc("What fills them: mean, median or mode of the training rows") @Default("mean")
          Strategy strategy)
      implements ScalarStage {
    /** What stands in for a null. */
    public enum Strategy {
      MEAN,
      MEDIAN,
      MODE
    }

    public Imputer {
      SingleColumn.apart(input, output);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.Imputer()
          .setInputCols(new String[] {input})
          .setOutputCols(new String[] {output})
          .setStrategy(SingleColumn.word(strategy));
    }
  }

  @Doc("Turns a numeric column into the number of the range that its value is in")
  record Bucketizer(
      @Doc("Numeric column") String input,
      @Doc("Column for the number of the range, from 0") String output,
      @Doc("Borders between the ranges, ascending; the first and the last range have no end")
          List<Double> borders)
      implements ScalarStage {
    public Bucketizer {
      SingleColumn.apart(input, output);
      borders = List.copyOf(borders);
      for (int i = 1; i < borders.size(); i++) {
        if (borders.get(i) <= borders.get(i - 1)) {
          throw new IllegalArgumentException("Expected ascending borders, found " + borders);
        }
      }
      if (borders.isEmpty()) {
        throw new IllegalArgumentException("Needs at least one border, such as [0, 10]");
      }
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.Bucketizer()
          .setInputCol(input)
          .setOutputCol(output)
          .setSplits(splits())
          .setHandleInvalid("keep");
    }

    private double[] splits() {
      DoubleStream inner = borders.stream().mapToDouble(Double::doubleValue);
      return DoubleStream.concat(
              DoubleStream.concat(DoubleStream.of(Double.NEGATIVE_INFINITY), inner),
              DoubleStream.of(Double.POSITIVE_INFINITY))
          .toArray();
    }
  }

  @Doc(
      "Turns a numeric column into the number of one of several ranges with about as many rows each")
  record QuantileDiscretizer(
      @Doc("Numeric column") String input,
      @Doc("Column for the number of the range, from 0") String output,
      @Doc("Number of ranges") @Default("10") int buckets)
      implements ScalarStage {
    public QuantileDiscretizer {
      SingleColumn.apart(input, output);
      Check.atLeast("buckets", 2, buckets);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.QuantileDiscretizer()
          .setInputCol(input)
          .setOutputCol(output)
          .setNumBuckets(buckets)
          .setHandleInvalid("keep");
    }
  }
}
