package io.millrace.models;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Rows of the training to learn from, and others of it to measure on what was learned. */
record Fold(Dataset<Row> learn, Dataset<Row> check) {}
