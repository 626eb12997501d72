package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The checkpoint folders of a job, one for each query, with the plan that wrote it beside it. */
final class Checkpoints {
  private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");

  private final Path root;
  private final FileSystem files;

  Checkpoints(String root, Configuration hadoop) {
    this.root = new Path(root);
    try {
      this.files = this.root.getFileSystem(hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot reach the checkpoint folder " + root, e);
    }
  }

  String folder(String query) {
    return new Path(root, query).toString();
  }

  /** The id of a query: the one in its checkpoint, or a new one that is written there first. */
  UUID queryId(String query) {
    Path metadata = new Path(folder(query), "metadata");
    try {
      return files.exists(metadata) ? read(metadata) : create(metadata);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot use the checkpoint " + metadata, e);
    }
  }

  private UUID read(Path metadata) throws IOException {
    try (InputStream in = files.open(metadata)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Matcher id = ID.matcher(text);
      if (!id.find()) {
        throw new IOException("Expected {\"id\": ...} in " + metadata + ", found " + text);
      }
      return UUID.fromString(id.group(1));
    }
  }

  private UUID create(Path metadata) throws IOException {
    UUID id = UUID.randomUUID();
    write(metadata, "{\"id\":\"" + id + "\"}");
    return id;
  }

  /** Keeps the plan that runs now beside the checkpoint of a query. */
  void keep(Plan.Query query, String text) {
    Path plan = new Path(root, query.name() + ".plan");
    try {
      write(plan, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + plan, e);
    }
  }

  private void write(Path file, String text) throws IOException {
    Path draft = file.suffix("." + UUID.randomUUID() + ".tmp");
    try (OutputStream out = files.create(draft)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    if (files.exists(file)) {
      files.delete(file, false);
    }
    if (!files.rename(draft, file)) {
      throw new IOException("Cannot rename " + draft + " to " + file);
    }
  }
}
