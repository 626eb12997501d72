package io.millrace.jobs;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.Nearest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code millrace} command. */
@Command(
    name = "millrace",
    description = {
      "Stream processing on Spark, one file per job.",
      "",
      "Start here:  spark-submit/millrace demo"
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Each command takes --help, and --jars A.jar,B.jar for jars of your own: plugins and"
          + " database drivers."
    },
    mixinStandardHelpOptions = true,
    version = "Millrace 0.1.0",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      SubmitCommand.class,
      LintCommand.class,
      PlanCommand.class,
      KindsCommand.class,
      SchemaCommand.class,
      TestCommand.class,
      TrainCommand.class,
      ModelsCommand.class,
      LedgerCommand.class,
      AuditCommand.class,
      DeadCommand.class,
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
        .setParameterExceptionHandler(Main::misused)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] arguments) {
    int exit = commandLine().execute(arguments);
    System.out.flush();
    if (exit != Exit.DONE) {
      System.exit(exit);
    }
  }

  /** One sentence about what was typed, the nearest command or option, and where to read more. */
  private static int misused(ParameterException misuse, String[] arguments) {
    CommandLine command = misuse.getCommandLine();
    PrintWriter err = command.getErr();
    boolean top = command.getParent() == null;
    String name = top ? "millrace" : "millrace " + command.getCommandName();
    err.println(name + ": " + misuse.getMessage());
    if (misuse instanceof UnmatchedArgumentException unmatched) {
      String typed = unmatched.getUnmatched().get(0);
      Set<String> known =
          top ? command.getSubcommands().keySet() : command.getCommandSpec().optionsMap().keySet();
      Nearest.to(typed, known).ifPresent(word -> err.println("  Did you mean " + word + "?"));
    }
    err.println("  spark-submit/" + name + (top ? " help" : " --help") + " shows all");
    return Exit.WRONG_COMMAND;
  }

  private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (failure instanceof InvalidJobException invalid) {
      invalid.findings().forEach(err::println);
      return Exit.WRONG_JOB;
    }
    if (failure instanceof RefusedStartException refused) {
      refused.reasons().forEach(err::println);
      return Exit.REFUSED;
    }
    err.println("millrace " + command.getCommandName() + ": " + sentence(failure));
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

  /** What went wrong, without the lines that Spark adds about itself. */
  private static String sentence(Exception failure) {
    if (failure instanceof WrongSurroundings wrong) {
      return wrong.sentence();
    }
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage();
      if (message != null && !message.isBlank()) {
        return message.strip().lines().findFirst().orElse(message);
      }
    }
    return failure.getClass().getSimpleName();
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
