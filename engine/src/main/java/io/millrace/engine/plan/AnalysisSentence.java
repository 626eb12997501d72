package io.millrace.engine.plan;

import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spi.Causes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import scala.jdk.javaapi.CollectionConverters;

/** Says in the words of a job file what Spark says about a plan. */
final class AnalysisSentence {
  private static final Pattern CONDITION = Pattern.compile("^\\[[A-Z0-9_.]+]\\s*");
  private static final Pattern STATE = Pattern.compile("\\s*SQLSTATE: \\w{5}");
  private static final Pattern ID = Pattern.compile("(?<=\\w)#\\d+L?\\b");
  private static final Pattern QUOTED = Pattern.compile("`([^`]*)`");
  private static final Pattern OPENER =
      Pattern.compile("^(Missing|Unknown|Cannot|Needs|Expected)\\b.*", Pattern.DOTALL);

  private AnalysisSentence() {}

  /** A sentence for what Spark says. */
  static String of(Exception fault) {
    Map<String, String> words =
        fault instanceof SparkThrowable spark ? spark.getMessageParameters() : Map.of();
    String condition = condition(fault);
    return switch (condition) {
      case "UNRESOLVED_COLUMN.WITH_SUGGESTION" ->
          column(words.getOrDefault("objectName", ""), words.getOrDefault("proposal", ""));
      case "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" ->
          column(words.getOrDefault("objectName", ""), "");
      case "UNRESOLVED_FIELD.WITH_SUGGESTION" ->
          column(words.getOrDefault("fieldName", ""), words.getOrDefault("proposal", ""));
      case "FIELD_NOT_FOUND" ->
          column(words.getOrDefault("fieldName", ""), words.getOrDefault("fields", ""));
      case "UNRESOLVED_ROUTINE" -> function(plain(words.getOrDefault("routineName", "")));
      case "TABLE_OR_VIEW_NOT_FOUND" ->
          "Unknown table '"
              + plain(words.getOrDefault("relationName", ""))
              + "'. A query reads the sources and steps of its job by their names.";
      case "AMBIGUOUS_REFERENCE" ->
          "Cannot tell which column '"
              + plain(words.getOrDefault("name", ""))
              + "' is meant. Write one of "
              + plain(words.getOrDefault("referenceNames", "")).replaceAll("[\\[\\]]", "")
              + ".";
      case "MISSING_AGGREGATION", "MISSING_GROUP_BY" -> ungrouped(words, fault);
      case "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN" ->
          "Needs a condition that is true or false: "
              + words.getOrDefault("filter", "").replace('"', '\'')
              + " is of type "
              + words.getOrDefault("type", "").replace("\"", "")
              + ".";
      case "PARSE_SYNTAX_ERROR" -> syntax(words);
      default -> cleaned(fault);
    };
  }

  /** The name of Spark's condition, empty where it has none. */
  static String condition(Exception fault) {
    String condition = fault instanceof SparkThrowable spark ? spark.getCondition() : null;
    return condition == null ? "" : condition;
  }

  /** Says that a column is not known, and which is near or what there is. */
  static String column(String name, String proposal) {
    List<String> known =
        Arrays.stream(proposal.split(",\\s*"))
            .map(AnalysisSentence::plain)
            .map(AnalysisSentence::last)
            .filter(one -> !one.isEmpty() && !AnalysisRows.hidden(one))
            .distinct()
            .toList();
    String wanted = plain(name);
    return "Unknown column '" + wanted + "'." + suggestion(last(wanted), known);
  }

  private static String suggestion(String wanted, List<String> known) {
    Optional<String> nearest = Nearest.to(wanted, known);
    if (nearest.isPresent()) {
      return " Did you mean '" + nearest.get() + "'?";
    }
    return known.isEmpty() ? "" : " Known here: " + String.join(", ", known) + ".";
  }

  private static String function(String name) {
    List<String> known =
        CollectionConverters.asJava(FunctionRegistry$.MODULE$.functionSet()).stream()
            .map(identifier -> identifier.funcName())
            .toList();
    return "Unknown function '"
        + name
        + "'."
        + Nearest.to(last(name), known).map(near -> " Did you mean '" + near + "'?").orElse("");
  }

  private static String ungrouped(Map<String, String> words, Exception fault) {
    String expression = words.get("expression");
    if (expression == null) {
      return cleaned(fault);
    }
    return "Cannot use "
        + expression.replace('"', '\'')
        + " beside aggregates: it is not in GROUP BY. Add it there, or write any_value(…) around it.";
  }

  private static String syntax(Map<String, String> words) {
    return "Cannot read this SQL: syntax error at or near "
        + words.getOrDefault("error", "its end")
        + words.getOrDefault("hint", "")
        + ".";
  }

  private static String cleaned(Exception fault) {
    String text = text(fault);
    return OPENER.matcher(text).matches() ? text : "Cannot run this: " + lower(text);
  }

  /** What Spark says, to go on after a colon, without an end. */
  static String clause(Exception fault) {
    return Causes.clause(lower(text(fault)));
  }

  private static String text(Exception fault) {
    String message =
        fault instanceof AnalysisException known ? known.message() : fault.getMessage();
    String text = CONDITION.matcher(message == null ? fault.toString() : message).replaceFirst("");
    text = ID.matcher(STATE.matcher(text).replaceAll("")).replaceAll("");
    return QUOTED.matcher(text).replaceAll("$1").replaceAll("\\s+", " ").strip();
  }

  private static String lower(String text) {
    boolean sentence = text.length() > 1 && Character.isLowerCase(text.charAt(1));
    return sentence ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
  }

  private static String plain(String quoted) {
    return QUOTED.matcher(quoted).replaceAll("$1").strip();
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
