package io.millrace.jobs.submit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Whether a cluster answers, so that nobody waits for Spark to give up. */
public final class Reach {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Reach() {}

  /**
   * Connects to a master, or to one of several.
   *
   * @throws IllegalArgumentException with a sentence, if none answers, or if that is no address
   */
  public static void check(Cluster cluster, String master) {
    List<URI> places = places(cluster, master);
    IOException failure = null;
    for (URI place : places) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(place.getHost(), port(place)), millis());
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw new IllegalArgumentException(
          "Cannot reach %s: %s. Check host and port, and that the %s runs"
              .formatted(
                  master,
                  why(failure),
                  cluster == Cluster.STANDALONE ? "master" : "API server of the cluster"),
          failure);
    }
  }

  private static int millis() {
    return Math.toIntExact(PATIENCE.toMillis());
  }

  private static String why(IOException failure) {
    return failure instanceof UnknownHostException
        ? "there is no such host"
        : String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
  }

  /** YARN is found by its own configuration. */
  private static List<URI> places(Cluster cluster, String master) {
    return switch (cluster) {
      case STANDALONE ->
          Stream.of(master.substring("spark://".length()).split(",", -1))
              .map(place -> address("spark://" + place, master, "spark://host:7077"))
              .toList();
      case KUBERNETES -> {
        String place = master.substring("k8s://".length());
        String url = place.contains("://") ? place : "https://" + place;
        yield List.of(address(url, master, "k8s://https://host:6443"));
      }
      case YARN -> List.of();
    };
  }

  private static URI address(String text, String master, String example) {
    String wrong =
        "Cannot understand the master '%s'. Write it such as %s".formatted(master, example);
    try {
      URI place = new URI(text);
      if (place.getHost() == null || port(place) < 0) {
        throw new IllegalArgumentException(wrong);
      }
      return place;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(wrong, e);
    }
  }

  private static int port(URI place) {
    if (place.getPort() > 0) {
      return place.getPort();
    }
    return switch (place.getScheme()) {
      case "https" -> 443;
      case "http" -> 80;
      default -> -1;
    };
  }
}
