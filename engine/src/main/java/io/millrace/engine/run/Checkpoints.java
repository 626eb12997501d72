package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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

  /** Keeps the plan that runs now beside the checkpoint of a query. */
  void keep(Plan.Query query, String text) {
    Path plan = new Path(root, query.name() + ".plan");
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
