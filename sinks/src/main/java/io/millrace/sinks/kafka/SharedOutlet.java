package io.millrace.sinks.kafka;

import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;

/** The shared producer, whose records are there as soon as they are sent. */
record SharedOutlet(Producer<byte[], byte[]> producer) implements Outlet {
  @Override
  public void send(ProducerRecord<byte[], byte[]> next, Callback answer) {
    Future<RecordMetadata> unused = producer.send(next, answer);
  }

  @Override
  public int partitions(String topic) {
    return producer.partitionsFor(topic).size();
  }

  @Override
  public void flush() {
    producer.flush();
  }

  @Override
  public String refused(Exception why) {
    if (why instanceof AuthenticationException
        || why instanceof AuthorizationException
        || why instanceof ProducerFencedException
        || why instanceof OutOfOrderSequenceException) {
      Producers.retire(producer);
    }
    return String.valueOf(why.getMessage());
  }

  @Override
  public void giveUp(Throwable why) {
    // What was sent stays; the rows come again.
  }
}
