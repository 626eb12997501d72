package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Receipt;

/** The records that a task wrote, all of them acknowledged by the broker. */
record KafkaReceipt(long rows) implements Receipt {}
