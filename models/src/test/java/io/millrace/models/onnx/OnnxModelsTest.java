package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OnnxModelsTest {
  @Test
  void theExampleIsWhatIsExportedHere() throws IOException {
    assertThat(Files.readAllBytes(Path.of("../conf/examples/data/onnx/clicks.onnx")))
        .isEqualTo(OnnxModels.logistic(0.5f));
  }
}
