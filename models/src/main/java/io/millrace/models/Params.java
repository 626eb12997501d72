package io.millrace.models;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** Params of Spark's stages from text. */
final class Params {
  private Params() {}

  /**
   * Sets a param to what a text says.
   *
   * @throws IllegalArgumentException with a sentence, if there is none of that name or it takes
   *     nothing of the kind
   */
  static void set(PipelineStage stage, String name, String text) {
    Param<Object> param = find(stage, name);
    Object value = value(stage, param, text.strip());
    try {
      stage.set(param, value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot set " + name + " of " + named(stage) + " to '" + text + "'. It is " + param.doc(),
          e);
    }
  }

  /** The texts of a list that is written with commas, or as JSON. */
  static String[] texts(String list) {
    String bare =
        list.startsWith("[") && list.endsWith("]") ? list.substring(1, list.length() - 1) : list;
    return Arrays.stream(bare.split(",", -1))
        .map(each -> each.strip().replaceAll("^[\"'](.*)[\"']$", "$1"))
        .filter(each -> !each.isEmpty())
        .toArray(String[]::new);
  }

  private static Param<Object> find(PipelineStage stage, String name) {
    if (stage.hasParam(name)) {
      return stage.getParam(name);
    }
    List<String> known = Arrays.stream(stage.params()).map(Param::name).sorted().toList();
    throw new IllegalArgumentException(
        "Unknown param '"
            + name
            + "' of "
            + named(stage)
            + ". Known are "
            + String.join(", ", known)
            + nearest(name, known));
  }

  /** Names are camel case, so a slip of case is the likeliest. */
  private static String nearest(String name, List<String> known) {
    String bare = bare(name);
    return known.stream()
        .filter(each -> bare(each).startsWith(bare) || bare.startsWith(bare(each)))
        .min(Comparator.comparingInt(each -> Math.abs(each.length() - name.length())))
        .map(each -> ". Did you mean '" + each + "'?")
        .orElse("");
  }

  private static String bare(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }

  private static Object value(PipelineStage stage, Param<?> param, String text) {
    try {
      return parsed(param, text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Expected "
              + words(param)
              + " for "
              + param.name()
              + " of "
              + named(stage)
              + ", found '"
              + text
              + "'",
          e);
    }
  }

  private static Object parsed(Param<?> param, String text) {
    if (param instanceof IntParam) {
      return Integer.valueOf(text);
    }
    if (param instanceof LongParam) {
      return Long.valueOf(text);
    }
    if (param instanceof FloatParam) {
      return Float.valueOf(text);
    }
    if (param instanceof DoubleParam) {
      return Double.valueOf(text);
    }
    if (param instanceof BooleanParam) {
      return truth(text);
    }
    if (param instanceof StringArrayParam) {
      return texts(text);
    }
    if (param instanceof DoubleArrayParam) {
      return Arrays.stream(texts(text)).mapToDouble(Double::parseDouble).toArray();
    }
    if (param instanceof IntArrayParam) {
      return Arrays.stream(texts(text)).mapToInt(Integer::parseInt).toArray();
    }
    return text.startsWith("{") || text.startsWith("[") ? param.jsonDecode(text) : text;
  }

  private static Boolean truth(String text) {
    if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
      throw new NumberFormatException(text);
    }
    return Boolean.valueOf(text);
  }

  private static String words(Param<?> param) {
    if (param instanceof BooleanParam) {
      return "true or false";
    }
    boolean whole = param instanceof IntParam || param instanceof LongParam;
    if (param instanceof IntArrayParam) {
      return "whole numbers with commas between them";
    }
    if (param instanceof DoubleArrayParam) {
      return "numbers with commas between them";
    }
    return whole ? "a whole number" : "a number";
  }

  private static String named(PipelineStage stage) {
    return stage.getClass().getName();
  }
}
