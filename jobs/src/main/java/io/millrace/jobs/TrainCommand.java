package io.millrace.jobs;

import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.run.Training;
import io.millrace.engine.spi.Trainer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains the model of a training file. */
@Command(
    name = "train",
    description = "Trains the model of a training file on what its source holds, and stores it.",
    footer = {"", "Example:  spark-submit/millrace train conf/models/click-fraud.yaml"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A training file")
  private Path file;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    TrainingPlan plan = new JobFiles().training(file);
    try (Session session = Session.start(plan.model(), plan.spark())) {
      Training training = new Training(session.spark());
      Trainer.Trained trained = training.run(plan, line -> out.println("  " + line));
      print(plan.model(), trained, out);
      out.println("Next: score with it in a job; spark-submit/millrace kinds score");
      out.println("      all versions; spark-submit/millrace models list " + file);
    }
    return Exit.DONE;
  }

  private static void print(String model, Trainer.Trained trained, PrintWriter out) {
    out.println("Model " + model + ", version " + trained.version());
    out.println("  stored in " + trained.path());
    trained.report().ifPresent(report -> out.println("  report    " + report));
    int width = trained.metrics().keySet().stream().mapToInt(String::length).max().orElse(0);
    out.println("Figures on the rows that were held out, validated ones on those of the training:");
    new TreeMap<>(trained.metrics())
        .forEach(
            (name, value) -> out.printf(Locale.ROOT, "  %-" + width + "s  %10.4f%n", name, value));
  }
}
