package io.millrace.engine.testing;

import java.io.IOException;
import java.io.OutputStream;

/**
 * What the registry's JVM runs: the registry, until the standard input ends. That happens at the
 * latest when the process that started it is gone, however it went. It needs classes of the JDK and
 * of the registry only.
 */
public final class RegistryProcess {
  private RegistryProcess() {}

  /** Runs the main class of the registry that is named, without arguments. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread watch = new Thread(RegistryProcess::haltAtEnd, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    Class.forName(arguments[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[0]);
  }

  private static void haltAtEnd() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("The standard input is gone: " + e);
    }
    Runtime.getRuntime().halt(0);
  }
}
