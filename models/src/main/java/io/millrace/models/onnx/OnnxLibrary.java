package io.millrace.models.onnx;

/**
 * Whether ONNX Runtime, which Millrace does not bring, is there. The other classes that score
 * cannot even be linked without it.
 */
public final class OnnxLibrary {
  /** The version that Millrace is tested with. */
  static final String ARTEFACT = "com.microsoft.onnxruntime:onnxruntime:1.23.2";

  private OnnxLibrary() {}

  /**
   * Sees to it that it is there.
   *
   * @throws IllegalStateException with a sentence that says where it comes from
   */
  public static void check() {
    try {
      Class<?> unused =
          Class.forName("ai.onnxruntime.OrtEnvironment", false, OnnxLibrary.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "Needs ONNX Runtime on the class path for an ONNX model. Name the jar of "
              + ARTEFACT
              + " with --jars, or take it by --packages of spark-submit",
          e);
    }
  }
}
