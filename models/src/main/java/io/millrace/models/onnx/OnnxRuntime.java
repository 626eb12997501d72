package io.millrace.models.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;

/** Where sessions of ONNX Runtime come from. */
final class OnnxRuntime {
  /** What it has to say comes as an exception; each row would be said once more in the log. */
  private static final OrtLoggingLevel QUIET = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;

  private OnnxRuntime() {}

  /** That of this JVM. */
  static OrtEnvironment environment() {
    try {
      return OrtEnvironment.getEnvironment(QUIET);
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "Cannot load ONNX Runtime's library on this machine: "
              + e.getMessage()
              + ". It needs a processor and a system that "
              + OnnxLibrary.ARTEFACT
              + " has one for, and a folder java.io.tmpdir that it can be unpacked to",
          e);
    }
  }

  /**
   * A session, which the caller closes. It runs in the thread that asks it, and loads nothing but
   * the model: it has no file to look beside, and no library of operators.
   *
   * @param model that {@link OnnxFile} has read
   */
  static OrtSession open(byte[] model) throws OrtException {
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setExecutionMode(ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      options.setSessionLogLevel(QUIET);
      options.addConfigEntry("session.load_model_format", "ONNX");
      return environment.createSession(model, options);
    }
  }

  /**
   * The same of a version of a model.
   *
   * @throws IllegalStateException with a sentence, if ONNX Runtime refuses it
   */
  static OrtSession open(String version, byte[] model) {
    try {
      return open(model);
    } catch (OrtException e) {
      throw new IllegalStateException(
          "Cannot open version " + version + " of the model: " + clause(e), e);
    }
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("Cannot close a session of ONNX Runtime: " + clause(e), e);
    }
  }

  /** What ONNX Runtime says, as a clause. */
  static String clause(OrtException failure) {
    String said = String.valueOf(failure.getMessage()).strip().replaceAll("\\s+", " ");
    String clause = said.endsWith(".") ? said.substring(0, said.length() - 1) : said;
    return clause.length() > 300 ? clause.substring(0, 300) + "…" : clause;
  }
}
