package io.millrace.sinks.kafka;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/** For records that the topic has already: answers as the brokers did, and sends nothing. */
record Nowhere(KafkaSink.Settings settings) implements Outlet {
  @Override
  public void send(ProducerRecord<byte[], byte[]> next, Callback answer) {
    answer.onCompletion(null, null);
  }

  @Override
  public int partitions(String topic) {
    return TopicCheck.partitions(settings);
  }

  @Override
  public void flush() {
    // Nothing is under way.
  }

  @Override
  public String refused(Exception why) {
    return Transactions.text(why);
  }

  @Override
  public void giveUp(Throwable why) {
    // Nothing was sent.
  }
}
