package io.millrace.engine.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.InMemoryFileIndex;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.jdk.javaapi.CollectionConverters;

/** The files of a folder as Spark would read them, not opened. */
final class Listing {
  private Listing() {}

  /** A line for each file, which is another one when the file is. */
  static List<String> of(SparkSession spark, String path, Map<String, String> options) {
    LogicalPlan plan =
        spark.read().format("text").options(options).load(path).queryExecution().analyzed();
    List<String> lines = new ArrayList<>();
    if (plan instanceof LogicalRelation relation
        && relation.relation() instanceof HadoopFsRelation files
        && files.location() instanceof InMemoryFileIndex index) {
      for (FileStatus file : CollectionConverters.asJava(index.allFiles())) {
        lines.add(file.getPath() + " " + file.getLen() + " " + file.getModificationTime());
      }
      return lines;
    }
    throw new IllegalStateException("Cannot list the files of " + path + ": found " + plan);
  }

  static String digest(List<String> lines) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      lines.stream().sorted().forEach(line -> digest.update((line + '\n').getBytes(UTF_8)));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
