package io.millrace.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class TransactionExceptionTest {
  private static boolean passes(Throwable cause) {
    return new TransactionException("Cannot tell", cause).passes();
  }

  @Test
  void passesWhereWhatCausedItDoes() {
    assertThat(passes(new TimeoutException("no answer"))).isTrue();
    assertThat(passes(new ProducerFencedException("another one"))).isTrue();
    assertThat(passes(TransactionException.late("Cannot read the ledger topic"))).isTrue();
    assertThat(passes(new RuntimeException(new TimeoutException("no answer")))).isTrue();

    assertThat(passes(new InvalidTopicException("a b"))).isFalse();
    assertThat(passes(new IllegalStateException("Cannot go on"))).isFalse();
    assertThat(passes(new TransactionException("Cannot", new InvalidTopicException("a b"))))
        .isFalse();
  }
}
