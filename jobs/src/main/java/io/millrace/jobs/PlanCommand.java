package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Forecast;
import io.millrace.engine.plan.ForecastText;
import io.millrace.engine.plan.Load;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a job would do. */
@Command(
    name = "plan",
    description = "Shows the queries of a job, what they share and what each sink is promised.",
    footer = {
      "",
      "With --rate it also tells how much state there is, once the job has run for as long as it"
          + " keeps anything. That of --state and --keep nobody but you can know: what a class of"
          + " yours keeps, and how many rows meet a condition.",
      "",
      "Example:  spark-submit/millrace plan conf/examples/join.yaml --rate orders=2000 --rate"
          + " payments=1500 --keys order_id=100000"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A job file")
  private Path file;

  @Option(
      names = "--rate",
      paramLabel = "SOURCE=ROWS",
      description = "How many rows a source gives in a second of event time")
  private Map<String, Double> rates = new LinkedHashMap<>();

  @Option(
      names = "--keys",
      paramLabel = "COLUMN=VALUES",
      description =
          "How many different values a column has; each row counts as another if left out")
  private Map<String, Long> values = new LinkedHashMap<>();

  @Option(
      names = "--bytes",
      paramLabel = "COLUMN=BYTES",
      description = "How long the texts of a column are; 16 if left out")
  private Map<String, Integer> bytes = new LinkedHashMap<>();

  @Option(
      names = "--keep",
      paramLabel = "STEP=SHARE",
      description =
          "Which share of its rows a step lets through, such as 0.3 of a filter, or 3 where it"
              + " makes three of each; all if left out. STEP.PART of a pattern: how many rows begin"
              + " a match")
  private Map<String, Double> shares = new LinkedHashMap<>();

  @Option(
      names = "--state",
      paramLabel = "STEP=BYTES",
      description = "How many bytes a class of your own keeps of a key, in a stateful step")
  private Map<String, Integer> states = new LinkedHashMap<>();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JobFiles.Planned planned = new JobFiles().plan(file, Analyzer.Run.STREAM);
    out.print(PlanText.of(planned.job(), planned.plan()));
    if (Stream.of(rates, values, bytes, shares, states).anyMatch(told -> !told.isEmpty())) {
      out.println();
      out.print(ForecastText.of(forecast(planned)));
    }
    out.println();
    out.println("Next: spark-submit/millrace run " + file);
    return Exit.DONE;
  }

  private Forecast.Told forecast(JobFiles.Planned planned) {
    try {
      Load load = new Load(rates, values, bytes, shares, states, interval(planned.plan()));
      return Forecast.of(planned.job(), planned.plan(), load);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static Duration interval(Plan plan) {
    return plan.outputs().stream()
        .flatMap(
            output ->
                output.trigger() instanceof Plan.Trigger.Every every
                    ? Stream.of(every.interval())
                    : Stream.empty())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
