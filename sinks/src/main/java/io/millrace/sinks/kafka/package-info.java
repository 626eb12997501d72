/** Rows as records of a Kafka topic. */
@NullMarked
package io.millrace.sinks.kafka;

import org.jspecify.annotations.NullMarked;
