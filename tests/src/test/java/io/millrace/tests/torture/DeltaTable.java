package io.millrace.tests.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * A Delta table, read version by version from its log as each becomes visible: every version must
 * be the whole of the batch that it names.
 */
final class DeltaTable implements Table {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern BATCH = Pattern.compile("query=(\\S+) batch=(\\d+)");

  private final Path folder;
  private final String sink;
  private final Part part;
  private final List<Entry> seen = new ArrayList<>();
  private Sums sums = Sums.NONE;
  private long next;

  DeltaTable(Path folder, String sink, Part part) {
    this.folder = folder;
    this.sink = sink;
    this.part = part;
  }

  @Override
  public String sink() {
    return sink;
  }

  @Override
  public Part part() {
    return part;
  }

  @Override
  public synchronized List<Look> look() {
    List<Look> looks = new ArrayList<>();
    for (Path commit = commit(); Files.exists(commit); commit = commit()) {
      looks.add(version(commit));
      next++;
    }
    return looks;
  }

  private Path commit() {
    return folder.resolve("_delta_log").resolve("%020d.json".formatted(next));
  }

  private Look version(Path commit) {
    try {
      String query = "";
      long batch = -1;
      for (String line : Files.readAllLines(commit)) {
        JsonNode action = JSON.readTree(line);
        Matcher about = BATCH.matcher(action.path("commitInfo").path("userMetadata").asText());
        if (about.find()) {
          query = about.group(1);
          batch = Long.parseLong(about.group(2));
        }
        if (action.has("add")) {
          read(folder.resolve(action.path("add").path("path").asText()));
        }
        if (action.has("remove")) {
          throw new IllegalStateException("Cannot follow " + commit + ": it removes rows");
        }
      }
      return new Look(part, query, batch, sums);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + commit, e);
    }
  }

  private void read(Path file) throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        Entry entry = entry(row);
        seen.add(entry);
        sums = sums.plus(entry);
      }
    }
  }

  private Entry entry(Group row) {
    return switch (part) {
      case ROWS ->
          Entry.row(
              row.getInteger("part", 0),
              row.getLong("pos", 0),
              row.getLong("id", 0),
              row.getString("k", 0),
              row.getLong("micros", 0),
              row.getLong("amount", 0));
      case WINDOWS ->
          Entry.window(
              row.getString("k", 0),
              row.getLong("micros", 0),
              row.getLong("n", 0),
              row.getLong("total", 0));
      case DEAD_LETTERS ->
          Entry.letter(
              row.getString("coordinates", 0),
              row.getString("step", 0),
              row.getString("rule", 0),
              new String(row.getBinary("raw", 0).getBytes(), StandardCharsets.UTF_8));
    };
  }

  @Override
  public synchronized List<Entry> entries() {
    look();
    return List.copyOf(seen);
  }
}
