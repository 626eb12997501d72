package io.millrace.tests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.JobSchema;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** What an editor says about a file, by the JSON Schema that the toolkit prints. */
final class Schemas {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Schema JOB = schema(JobSchema.job(Catalog.load()));
  private static final Schema TRAINING = schema(JobSchema.training(Catalog.load()));

  private Schemas() {}

  /** All that the schema refuses in a text that is YAML. */
  static List<String> refuse(String text) {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    Object value = new Load(settings).loadFromString(text);
    boolean training = value instanceof Map<?, ?> map && map.containsKey("model");
    JsonNode tree = MAPPER.valueToTree(value);
    return (training ? TRAINING : JOB).validate(tree).stream().map(Error::toString).toList();
  }

  private static Schema schema(String text) {
    try {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The schema is no JSON", e);
    }
  }
}
