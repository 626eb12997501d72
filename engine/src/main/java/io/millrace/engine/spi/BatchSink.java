package io.millrace.engine.spi;

/**
 * Gets one micro-batch as a frame. After a crash the same batch comes again, with the same number
 * and the same rows.
 */
public non-sealed interface BatchSink extends Sink {
  void write(Batch batch);
}
