package io.millrace.tests.notebooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Holds a notebook that was run against the one that is stored: the same texts and tables from each
 * cell, and a picture wherever there was one. Letters are drawn differently by each machine, so of
 * a picture only its size is compared, and that something is drawn on it.
 */
final class Comparison {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Comparison() {}

  /** Takes the stored notebook and the one that was run; ends with 5 where they differ. */
  public static void main(String[] arguments) throws IOException {
    JsonNode stored = JSON.readTree(Path.of(arguments[0]).toFile());
    JsonNode run = JSON.readTree(Path.of(arguments[1]).toFile());
    List<String> differences = differences(stored, run);
    differences.forEach(System.err::println);
    if (!differences.isEmpty()) {
      System.err.println("Store what is right now by spark-submit/millrace notebook --update");
      System.exit(5);
    }
    System.out.println(
        "Each cell says what is stored: "
            + outputs(run).stream().filter(shown -> !shown.text().isEmpty()).count()
            + " with text, "
            + outputs(run).stream().mapToLong(shown -> shown.pictures().size()).sum()
            + " pictures");
  }

  /** What a code cell shows. */
  private record Shown(String source, String text, List<String> pictures) {}

  /** One sentence for each cell that does not show what is stored. */
  static List<String> differences(JsonNode stored, JsonNode run) {
    List<Shown> before = outputs(stored);
    List<Shown> now = outputs(run);
    if (before.size() != now.size()) {
      return List.of("Expected " + before.size() + " cells with code, found " + now.size());
    }
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      compare("Cell " + (i + 1) + " with code: ", before.get(i), now.get(i), differences);
    }
    return differences;
  }

  private static void compare(String cell, Shown before, Shown now, List<String> differences) {
    if (!before.source().equals(now.source())) {
      differences.add(cell + "expected the code\n" + before.source() + "\nfound\n" + now.source());
    }
    if (!before.text().equals(now.text())) {
      differences.add(cell + "expected\n" + before.text() + "\nfound\n" + now.text());
    }
    if (before.pictures().size() != now.pictures().size()) {
      differences.add(
          cell
              + "expected "
              + before.pictures().size()
              + " pictures, found "
              + now.pictures().size());
      return;
    }
    for (int i = 0; i < now.pictures().size(); i++) {
      BufferedImage old = picture(before.pictures().get(i));
      BufferedImage drawn = picture(now.pictures().get(i));
      if (old.getWidth() != drawn.getWidth() || old.getHeight() != drawn.getHeight()) {
        differences.add(cell + "expected a picture of " + size(old) + ", found " + size(drawn));
      }
      if (empty(old) || empty(drawn)) {
        differences.add(cell + "expected something to be drawn, found a picture of one colour");
      }
    }
  }

  private static String size(BufferedImage picture) {
    return picture.getWidth() + " by " + picture.getHeight() + " points";
  }

  private static boolean empty(BufferedImage picture) {
    int[] points =
        picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    return Arrays.stream(points).allMatch(point -> point == points[0]);
  }

  private static BufferedImage picture(String text) {
    byte[] bytes = Base64.getMimeDecoder().decode(text);
    try {
      BufferedImage picture = ImageIO.read(new ByteArrayInputStream(bytes));
      if (picture == null) {
        throw new IllegalArgumentException("Expected a picture, found bytes that are none");
      }
      return picture;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a picture", e);
    }
  }

  private static List<Shown> outputs(JsonNode notebook) {
    return elements(notebook.path("cells")).stream()
        .filter(cell -> cell.path("cell_type").asText().equals("code"))
        .map(Comparison::shown)
        .toList();
  }

  private static Shown shown(JsonNode cell) {
    StringBuilder text = new StringBuilder();
    List<String> pictures = new ArrayList<>();
    for (JsonNode output : elements(cell.path("outputs"))) {
      JsonNode data = output.path("data");
      text.append(joined(output.path("text")))
          .append(joined(output.path("ename")))
          .append(joined(data.path("text/plain")))
          .append(joined(data.path("text/html")));
      if (data.has("image/png")) {
        pictures.add(joined(data.path("image/png")));
      }
    }
    return new Shown(joined(cell.path("source")), text.toString(), pictures);
  }

  /** Text comes as one value or as its lines. */
  private static String joined(JsonNode text) {
    return text.isArray()
        ? String.join("", elements(text).stream().map(JsonNode::asText).toList())
        : text.asText();
  }

  private static List<JsonNode> elements(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(array::get).toList();
  }
}
