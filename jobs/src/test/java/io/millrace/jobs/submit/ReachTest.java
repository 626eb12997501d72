package io.millrace.jobs.submit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ReachTest {
  @Test
  void isSilentWhereOneOfTheMastersAnswers() throws IOException {
    int closed = closed();
    try (ServerSocket open = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      int port = open.getLocalPort();
      assertThatCode(
              () -> {
                Reach.check(
                    Cluster.STANDALONE,
                    "spark://127.0.0.1:%d,127.0.0.1:%d".formatted(closed, port));
                Reach.check(Cluster.KUBERNETES, "k8s://http://127.0.0.1:" + port);
                Reach.check(Cluster.KUBERNETES, "k8s://127.0.0.1:" + port);
                Reach.check(Cluster.YARN, "yarn");
              })
          .doesNotThrowAnyException();
    }
  }

  @Test
  void saysThatNobodyIsThere() throws IOException {
    String master = "127.0.0.1:" + closed();

    assertThatThrownBy(() -> Reach.check(Cluster.STANDALONE, "spark://" + master))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot reach spark://%s: connection refused. Check host and port, and that the master runs"
                .formatted(master));
    assertThatThrownBy(() -> Reach.check(Cluster.KUBERNETES, "k8s://https://" + master))
        .hasMessage(
            "Cannot reach k8s://https://%s: connection refused. Check host and port, and that the API server of the cluster runs"
                .formatted(master));
    assertThatThrownBy(() -> Reach.check(Cluster.STANDALONE, "spark://nowhere.invalid:7077"))
        .hasMessageStartingWith(
            "Cannot reach spark://nowhere.invalid:7077: there is no such host.");
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String wrong :
        new String[] {"spark://", "spark://host", "spark://a:1,b", "spark://a b:1"}) {
      assertThatThrownBy(() -> Reach.check(Cluster.STANDALONE, wrong))
          .hasMessage(
              "Cannot understand the master '%s'. Write it such as spark://host:7077"
                  .formatted(wrong));
    }
  }

  private static int closed() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
