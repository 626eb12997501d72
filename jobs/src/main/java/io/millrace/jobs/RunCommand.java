package io.millrace.jobs;

import io.millrace.engine.dstream.DStreams;
import io.millrace.engine.dstream.RunningDStreams;
import io.millrace.engine.observe.Gauges;
import io.millrace.engine.observe.Watch;
import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Variables;
import io.millrace.jobs.submit.Shipment;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a job until it ends or is stopped. */
@Command(
    name = "run",
    description = "Runs a job. It goes on where its checkpoint ends; Ctrl-C stops it.",
    footer = {
      "",
      "Example:  spark-submit/millrace run conf/examples/files.yaml",
      "          spark-submit/millrace run --batch --close conf/examples/files.yaml"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "A job file")
  private @Nullable Path file;

  @Option(names = "--shipped", hidden = true)
  private @Nullable String shipped;

  @Option(
      names = "--batch",
      description = "Run once over what the sources hold now, as tables, without a checkpoint")
  private boolean batch;

  @Option(
      names = "--close",
      description = "With --batch: also write windows that the watermark has not closed")
  private boolean close;

  @Option(
      names = "--adopt",
      description = {
        "Go on from the checkpoint also where a sink does not fit it; rows may then be missing or",
        "written twice, as the refusal without it says"
      })
  private boolean adopt;

  @Override
  public Integer call() throws IOException {
    if (adopt && batch) {
      throw new WrongSurroundings("--adopt is for streams: --batch has no checkpoint");
    }
    if (close && !batch) {
      throw new WrongSurroundings(
          "--close needs --batch: a stream closes windows by its watermark");
    }
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = plan(batch ? Analyzer.Run.BATCH : Analyzer.Run.STREAM);
    boolean dstream = plan.engine() instanceof Plan.Engine.DStream;
    if (dstream && (batch || adopt)) {
      throw new WrongSurroundings(
          (batch ? "--batch" : "--adopt")
              + " is for structured streaming, and this job has engine: dstream. Leave one of them"
              + " out");
    }
    Watch watch = new Watch();
    int exit = Exit.DONE;
    try (Session session = Session.start(plan.job(), plan.spark());
        Gauges gauges = Gauges.of(plan.job())) {
      Launcher launcher = new Launcher(session.spark(), watch.andThen(gauges), List.of(watch));
      if (batch) {
        launcher.runOnce(plan, close ? Launcher.Ends.CLOSED : Launcher.Ends.OPEN);
      } else if (dstream) {
        exit = dstream(plan, session.spark(), watch);
      } else {
        exit = stream(plan, launcher, watch);
      }
    }
    Summary.print(watch.states(), out);
    out.println("Next: look into the sinks, or run it again: it goes on where it stopped");
    return exit;
  }

  /** The job of a file of this machine, or of one that came along with the command. */
  private Plan plan(Analyzer.Run run) throws IOException {
    if (file != null && shipped == null) {
      return new JobFiles().plan(file, run).plan();
    }
    if (shipped == null || file != null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FILE'");
    }
    Shipment shipment = Shipment.unpacked(shipped);
    Path folder = Files.createTempDirectory("millrace-job");
    try {
      Variables variables = Variables.ofEnvironment().with(shipment.variables());
      return new JobFiles(Catalog.load(), variables, shipment.places(folder))
          .plan(shipment.into(folder), run)
          .plan();
    } finally {
      shipment.remove(folder);
    }
  }

  private static int dstream(Plan plan, SparkSession spark, Watch watch) {
    try (RunningDStreams job = new DStreams(spark, watch).launch(plan);
        ProgressLine line = ProgressLine.start(watch)) {
      Signals signals = Signals.stopping(job::close);
      job.await();
      line.close();
      return signals.exit();
    }
  }

  private int stream(Plan plan, Launcher launcher, Watch watch) {
    Launcher.Start start = adopt ? Launcher.Start.ADOPTING : Launcher.Start.CHECKED;
    try (RunningJob job = launcher.launch(plan, start);
        ProgressLine line = ProgressLine.start(watch)) {
      Signals signals = Signals.stopping(job::close);
      job.await();
      line.close();
      return signals.exit();
    }
  }
}
