package io.millrace.engine.spi;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The rows of one micro-batch. The query of {@code who} and {@code id} together never repeat. */
public record Batch(Identity who, Writing how, long id, Dataset<Row> rows) {}
