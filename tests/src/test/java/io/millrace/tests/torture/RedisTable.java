package io.millrace.tests.torture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.testing.LocalRedis;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;

/** Rows under their keys. A reader may see part of a batch, so no moment of it is judged. */
record RedisTable(String prefix, String sink, Part part) implements Table {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DATABASE = 7;

  /** Where such sinks write. */
  static String url() {
    return LocalRedis.shared().url(DATABASE);
  }

  @Override
  public List<Look> look() {
    return List.of();
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    try (Jedis redis = new Jedis(url())) {
      for (String key : redis.keys(prefix + "*")) {
        entries.add(Entry.json(part, JSON.readTree(redis.get(key))));
      }
      return entries;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot read the rows under " + prefix, e);
    }
  }
}
