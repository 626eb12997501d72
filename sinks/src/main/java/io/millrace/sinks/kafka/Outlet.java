package io.millrace.sinks.kafka;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The way of a task's records to the brokers, shared with other tasks. */
interface Outlet {
  void send(ProducerRecord<byte[], byte[]> next, Callback answer);

  /** How many partitions a topic has, as far as it is known here. */
  int partitions(String topic);

  /** Waits until the brokers have answered for all that was sent. */
  void flush();

  /** Tells that the brokers refused a record; why, in words. */
  String refused(Exception why);

  /** Tells why a task failed that had sent records. */
  void giveUp(Throwable why);
}
