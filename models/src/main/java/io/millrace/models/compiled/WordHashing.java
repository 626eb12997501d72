package io.millrace.models.compiled;

import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * How often words of each hash occur, as {@link HashingTF} counts them.
 *
 * @param size how many hashes there are
 * @param binary whether each that occurs counts 1
 * @param old whether the model is of Spark 2, which read the last bytes of a word otherwise
 */
record WordHashing(Source input, Slot output, int size, boolean binary, boolean old)
    implements RowStage {
  private static final int SEED = 42;
  private static final int OLD = 1;

  static RowStage of(HashingTF stage, Columns columns) throws Uncompiled {
    Source input = Source.words(stage.getInputCol(), columns);
    int size = stage.getNumFeatures();
    Slot output = columns.addVector(stage.getOutputCol(), size);
    return new WordHashing(input, output, size, stage.getBinary(), stage.hashFuncVersion() == OLD);
  }

  @Override
  public boolean run(Cells row) {
    @Nullable String[] words = input.words(row);
    int[] indices = new int[words.length];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = Math.floorMod(hash(words[i]), size);
    }
    row.vector(output, Counts.of(indices, indices.length, size, 1, binary));
    return true;
  }

  private int hash(@Nullable String word) {
    if (word == null) {
      return SEED;
    }
    UTF8String bytes = UTF8String.fromString(word);
    Object base = bytes.getBaseObject();
    return old
        ? Murmur3_x86_32.hashUnsafeBytes(base, bytes.getBaseOffset(), bytes.numBytes(), SEED)
        : Murmur3_x86_32.hashUnsafeBytes2(base, bytes.getBaseOffset(), bytes.numBytes(), SEED);
  }
}
