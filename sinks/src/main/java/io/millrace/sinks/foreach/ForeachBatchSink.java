package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.UserClass;
import io.millrace.engine.spi.Writing;
import java.util.Map;

/** Hands each batch to a user's {@link BatchHandler}. */
public record ForeachBatchSink(Settings settings) implements BatchSink {

  /** What a job says about the class. */
  public record Settings(
      @Doc("The class that gets the batches: a public io.millrace.sinks.foreach.BatchHandler.")
          @Shorthand
          String className,
      @Doc("Values that are handed to the class.") Map<String, String> settings) {
    public Settings {
      UserClass.find(className, BatchHandler.class);
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Appending.guarantee(how);
  }

  @Override
  public void write(Batch batch) {
    BatchHandler handler = UserClass.make(settings.className(), BatchHandler.class);
    try {
      handler.write(batch, settings.settings());
    } catch (Exception e) {
      throw new IllegalStateException(
          "Cannot write batch %d in %s: %s"
              .formatted(batch.id(), settings.className(), String.valueOf(e.getMessage())),
          e);
    }
  }
}
