package io.millrace.jobs;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.JobSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of job and training files. */
@Command(
    name = "schema",
    description = "Prints the JSON Schema of job files, for completion and checks in an editor.",
    footer = {
      "",
      "Example:  spark-submit/millrace schema > job.schema.json",
      "Then name it in the first line of a job file:",
      "          # yaml-language-server: $schema=job.schema.json"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SchemaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--training", description = "The schema of training files instead")
  private boolean training;

  @Override
  public Integer call() {
    Catalog catalog = Catalog.load();
    String schema = training ? JobSchema.training(catalog) : JobSchema.job(catalog);
    spec.commandLine().getOut().println(schema);
    return Exit.DONE;
  }
}
