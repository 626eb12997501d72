package io.millrace.engine.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A plan in its normal form, a line for each part: what is kept beside a checkpoint, to be read by
 * a person and compared with the plan of a job that has changed. Where a part stands in its file is
 * not in it. Secrets are {@code ***}; of Spark settings only the names are told, as their values
 * may be secrets.
 */
public final class PlanRecord {
  private static final String REAL_TIME = ", in real time";

  private PlanRecord() {}

  public static String of(Plan plan) {
    List<String> lines = new ArrayList<>();
    lines.add("job " + plan.job());
    plan.spark().keySet().stream().sorted().forEach(key -> lines.add("spark " + key));
    plan.inputs().forEach(input -> lines.add(input(input)));
    plan.stages().forEach(stage -> lines.add(stage(stage)));
    plan.outputs().forEach(output -> lines.add(output("sink ", output)));
    plan.deadLetters().ifPresent(output -> lines.add(output("dead-letters ", output)));
    plan.queries().forEach(query -> lines.add(query(query)));
    return lines.stream()
        .map(line -> line.replace("\n", "\\n") + "\n")
        .collect(Collectors.joining());
  }

  /** A short text that is another one where the normal form is. */
  public static String digest(Plan plan) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(of(plan).getBytes(UTF_8));
      return HexFormat.of().formatHex(sum, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The sinks that a query of a kept plan writes; none where the plan has no such query. */
  public static List<String> writers(String kept, String query) {
    Matcher line =
        Pattern.compile("(?m)^query " + Pattern.quote(query) + " of .*?writes \\[(.*?)]")
            .matcher(kept);
    return line.find() && !line.group(1).isEmpty()
        ? List.of(line.group(1).split(", ", -1))
        : List.of();
  }

  /** Whether a query of a kept plan runs in real time; empty where the plan has no such query. */
  public static Optional<Boolean> realTime(String kept, String query) {
    Matcher line =
        Pattern.compile("(?m)^query " + Pattern.quote(query) + " of (.*?), writes \\[")
            .matcher(kept);
    return line.find() ? Optional.of(line.group(1).endsWith(REAL_TIME)) : Optional.empty();
  }

  private static String input(Plan.Input input) {
    return (input.fixed() ? "table " : "source ")
        + input.name()
        + " = "
        + input.source()
        + input.decoder().map(decoder -> ", decode " + decoder).orElse("")
        + input.watermark().map(step -> ", watermark " + step).orElse("")
        + input.table().flatMap(StaticTable::refresh).map(when -> ", refresh " + when).orElse("");
  }

  private static String stage(Plan.Stage stage) {
    return "step "
        + stage.name()
        + " of "
        + stage.from()
        + stage.when().map(when -> " when " + when).orElse("")
        + " = "
        + stage.step();
  }

  private static String output(String sort, Plan.Output output) {
    return sort
        + output.name()
        + (output.from().isEmpty() ? "" : " from " + output.from())
        + output.when().map(when -> " when " + when).orElse("")
        + " = "
        + output.sink()
        + ", mode "
        + Kebab.ofConstant(output.how().mode().name())
        + ", write "
        + Kebab.ofConstant(output.how().write().name())
        + ", delivery "
        + Kebab.ofConstant(output.guarantee().name());
  }

  private static String query(Plan.Query query) {
    return "query "
        + query.name()
        + " of "
        + query.root()
        + (query.stateful() ? ", keeps state" : "")
        + (query.trigger() instanceof Plan.Trigger.RealTime ? REAL_TIME : "")
        + ", writes "
        + query.outputs()
        + ", dead letters of "
        + query.tags();
  }
}
