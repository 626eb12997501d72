package io.millrace.tests.torture;

/**
 * What a sink held at one moment, read in one snapshot.
 *
 * @param query whose batches these are
 * @param batch the last one that the sink says it has; -1 for none
 */
record Look(Part part, String query, long batch, Sums sums) {}
