package io.millrace.models;

/** What a model learns to tell. */
public enum Task {
  CLASSIFICATION,
  REGRESSION,
  CLUSTERING
}
