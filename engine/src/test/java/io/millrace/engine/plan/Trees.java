package io.millrace.engine.plan;

import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Trees of YAML texts, with variables given by the test. */
final class Trees {
  private Trees() {}

  static Tree of(String yaml) {
    return of(yaml, Map.of());
  }

  static Tree of(String yaml, Map<String, String> variables) {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    return tree(new Compose(settings).composeString(yaml).orElseThrow(), variables);
  }

  private static Tree tree(Node node, Map<String, String> variables) {
    Position at = at(node.getStartMark().orElseThrow());
    if (node instanceof MappingNode map) {
      Map<String, Tree.Field> fields = new LinkedHashMap<>();
      for (NodeTuple tuple : map.getValue()) {
        ScalarNode key = (ScalarNode) tuple.getKeyNode();
        fields.put(
            key.getValue(),
            new Tree.Field(
                at(key.getStartMark().orElseThrow()), tree(tuple.getValueNode(), variables)));
      }
      return new Tree.Fields(at, fields);
    }
    if (node instanceof SequenceNode sequence) {
      List<Tree> items = new ArrayList<>();
      sequence.getValue().forEach(item -> items.add(tree(item, variables)));
      return new Tree.Items(at, items);
    }
    return leaf((ScalarNode) node, at, variables);
  }

  private static Tree leaf(ScalarNode node, Position at, Map<String, String> variables) {
    String written = node.getValue();
    String text = written;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      text = text.replace("${" + variable.getKey() + "}", variable.getValue());
    }
    Position start =
        switch (node.getScalarStyle()) {
          case PLAIN -> at;
          case LITERAL, FOLDED -> new Position(at.file(), at.line() + 1, 3);
          default -> new Position(at.file(), at.line(), at.column() + 1);
        };
    return new Tree.Leaf(at, text, written, type(node.getTag()), start);
  }

  private static Tree.Type type(Tag tag) {
    if (tag.equals(Tag.INT)) {
      return Tree.Type.WHOLE;
    }
    if (tag.equals(Tag.FLOAT)) {
      return Tree.Type.DECIMAL;
    }
    if (tag.equals(Tag.BOOL)) {
      return Tree.Type.TRUTH;
    }
    return tag.equals(Tag.NULL) ? Tree.Type.NOTHING : Tree.Type.TEXT;
  }

  private static Position at(Mark mark) {
    return new Position("job.yaml", mark.getLine() + 1, mark.getColumn() + 1);
  }
}
