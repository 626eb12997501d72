package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager.CancellableFSDataOutputStream;
import org.apache.spark.sql.execution.streaming.runtime.StreamMetadata;
import scala.Option;

/** The checkpoint folders of a job, one for each query, with the plan that wrote it beside it. */
final class Checkpoints {
  private final Path root;
  private final Configuration hadoop;
  private final CheckpointFileManager files;

  Checkpoints(String root, Configuration hadoop) {
    this.root = new Path(root);
    this.hadoop = hadoop;
    this.files = CheckpointFileManager.create(this.root, hadoop);
    files.mkdirs(this.root);
  }

  String folder(String query) {
    return new Path(root, query).toString();
  }

  /** The id of a query: the one in its checkpoint, or a new one that is written there first. */
  UUID queryId(String query) {
    Path metadata = new Path(folder(query), "metadata");
    Option<StreamMetadata> known = StreamMetadata.read(metadata, hadoop);
    if (known.isDefined()) {
      return UUID.fromString(known.get().id());
    }
    UUID id = UUID.randomUUID();
    files.mkdirs(metadata.getParent());
    StreamMetadata.write(new StreamMetadata(id.toString()), metadata, hadoop);
    return id;
  }

  /**
   * Refuses a checkpoint that other sinks wrote: their offsets would be skipped without a row.
   *
   * @throws IllegalStateException with the cure, if none of the sinks that wrote it is there now
   */
  void check(Plan.Query query) {
    List<String> before = writers(query.name());
    if (!before.isEmpty()
        && !query.outputs().isEmpty()
        && Collections.disjoint(before, query.outputs())) {
      throw new IllegalStateException(
          "Cannot go on from the checkpoint %s: it was written for %s, and this query writes %s. Move the folder away to begin anew, or put the one of these sinks there"
              .formatted(folder(query.name()), before, query.outputs()));
    }
  }

  private List<String> writers(String query) {
    Path plan = stored(query);
    if (!files.exists(plan)) {
      return List.of();
    }
    try (InputStream in = files.open(plan)) {
      return PlanRecord.writers(new String(in.readAllBytes(), StandardCharsets.UTF_8), query);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + plan, e);
    }
  }

  private Path stored(String query) {
    return new Path(root, query + ".plan");
  }

  /** Keeps the plan that runs now beside the checkpoint of a query. */
  void keep(Plan.Query query, String text) {
    Path plan = stored(query.name());
    CancellableFSDataOutputStream out = files.createAtomic(plan, true);
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.close();
    } catch (IOException e) {
      out.cancel();
      throw new UncheckedIOException("Cannot write " + plan, e);
    }
  }
}
