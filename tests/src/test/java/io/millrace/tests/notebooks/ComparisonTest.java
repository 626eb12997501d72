package io.millrace.tests.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.models.report.Plot;
import io.millrace.tests.Jobs;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path NOTEBOOKS = Jobs.folder("notebooks-java");

  @Test
  void tellsWhatACellSaysOtherwise() throws IOException {
    assertThat(Comparison.differences(text("3920 clicks"), text("3920 clicks"))).isEmpty();
    assertThat(Comparison.differences(text("3920 clicks"), text("3921 clicks")))
        .containsExactly("Cell 1 with code: expected\n3920 clicks\nfound\n3921 clicks");
  }

  @Test
  void aPictureMustBeThereAndShowSomething() throws IOException {
    byte[] drawn = new Plot.Bars("a", "A", "b", List.of(new Plot.Bar("c", 1))).png();
    byte[] blank = blank(960, 720);

    assertThat(Comparison.differences(picture(drawn), picture(drawn))).isEmpty();
    assertThat(Comparison.differences(picture(drawn), text("")))
        .containsExactly("Cell 1 with code: expected 1 pictures, found 0");
    assertThat(Comparison.differences(picture(drawn), picture(blank)))
        .containsExactly(
            "Cell 1 with code: expected something to be drawn, found a picture of one colour");
    assertThat(Comparison.differences(picture(blank), picture(blank(9, 7))))
        .contains("Cell 1 with code: expected a picture of 960 by 720 points, found 9 by 7 points");
  }

  @Test
  void everyNotebookIsStoredWithWhatItShowsAndNoPlaceOfAMachine() throws IOException {
    try (var files = Files.list(NOTEBOOKS)) {
      List<Path> notebooks = files.filter(file -> file.toString().endsWith(".ipynb")).toList();

      assertThat(notebooks).isNotEmpty();
      for (Path file : notebooks) {
        JsonNode notebook = JSON.readTree(file.toFile());
        assertThat(notebook.findValues("image/png")).as(file.toString()).isNotEmpty();
        assertThat(notebook.findValuesAsText("output_type")).doesNotContain("error");
        assertThat(Comparison.differences(notebook, notebook)).isEmpty();
        assertThat(Files.readString(file)).doesNotContain("file:/", "/home/", "/root/", "/tmp/");
      }
    }
  }

  private static JsonNode text(String text) throws IOException {
    return notebook(
        "{\"output_type\": \"stream\", \"text\": [" + JSON.writeValueAsString(text) + "]}");
  }

  private static JsonNode picture(byte[] png) throws IOException {
    return notebook(
        "{\"output_type\": \"display_data\", \"data\": {\"image/png\": \""
            + Base64.getEncoder().encodeToString(png)
            + "\"}}");
  }

  private static JsonNode notebook(String output) throws IOException {
    return JSON.readTree(
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [], \"outputs\": [" + output + "]}]}");
  }

  private static byte[] blank(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(
            ImageIO.write(
                new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", bytes))
        .isTrue();
    return bytes.toByteArray();
  }
}
