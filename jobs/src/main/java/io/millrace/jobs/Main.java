package io.millrace.jobs;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.spec.InvalidJobException;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code millrace} command. */
@Command(
    name = "millrace",
    description = {
      "Stream processing on Spark, one file per job.",
      "",
      "Start here:  spark-submit/millrace demo"
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "Millrace 0.1.0",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      LintCommand.class,
      PlanCommand.class,
      KindsCommand.class,
      SchemaCommand.class,
      TrainCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  private Main() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** The command line, ready to parse. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::failed)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] arguments) {
    int exit = commandLine().execute(arguments);
    System.out.flush();
    if (exit != Exit.DONE) {
      System.exit(exit);
    }
  }

  private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (failure instanceof InvalidJobException invalid) {
      invalid.findings().forEach(err::println);
      return Exit.WRONG_JOB;
    }
    err.println("millrace " + command.getCommandName() + ": " + failure.getMessage());
    if (failure instanceof JobFailedException) {
      err.println(trace(failure));
      return Exit.FAILED;
    }
    if (!(failure instanceof WrongSurroundings)) {
      err.println(trace(failure));
      return Exit.FAILED;
    }
    return Exit.WRONG_COMMAND;
  }

  private static String trace(Exception failure) {
    if (System.getenv("MILLRACE_TRACE") == null) {
      return "  (MILLRACE_TRACE=1 prints where in the program it happened)";
    }
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }
}
