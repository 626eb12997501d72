package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import org.apache.spark.ml.PipelineStage;

/** Turns text into words, and words into a vector. */
public sealed interface TextStage extends SingleColumn {
  @Doc("Splits a text at white space into words, in lower case")
  record Tokenizer(
      @Doc("Column with text") String input, @Doc("Column for the words") String output)
      implements TextStage {
    public Tokenizer {
      SingleColumn.apart(input, output);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.Tokenizer().setInputCol(input).setOutputCol(output);
    }
  }

  @Doc("Joins words that follow each other")
  record NGram(
      @Doc("Column with words") String input,
      @Doc("Column for the joined words") String output,
      @Doc("How many are joined") @Default("2") int words)
      implements TextStage {
    public NGram {
      SingleColumn.apart(input, output);
      Check.atLeast("words", 1, words);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.NGram()
          .setInputCol(input)
          .setOutputCol(output)
          .setN(words);
    }
  }

  @Doc("Counts words in a vector whose places are given out by a hash")
  record HashingTf(
      @Doc("Column with words") String input,
      @Doc("Column for the vector") String output,
      @Doc("Places of the vector; words that share one are counted together") @Default("4096")
          int features,
      @Doc("Whether a word is there, and not how often") @Default("false") boolean binary)
      implements TextStage {
    public HashingTf {
      SingleColumn.apart(input, output);
      Check.atLeast("features", 1, features);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.HashingTF()
          .setInputCol(input)
          .setOutputCol(output)
          .setNumFeatures(features)
          .setBinary(binary);
    }
  }

  @Doc("Makes the counts of words smaller that are in many rows")
  record Idf(
      @Doc("Column with a vector of counts") String input,
      @Doc("Column for the vector") String output,
      @Doc("Rows that must have a word for it to count at all") @Default("0") int rows)
      implements TextStage {
    public Idf {
      SingleColumn.apart(input, output);
      Check.atLeast("rows", 0, rows);
    }

    @Override
    public PipelineStage stage() {
      return new org.apache.spark.ml.feature.IDF()
          .setInputCol(input)
          .setOutputCol(output)
          .setMinDocFreq(rows);
    }
  }
}
