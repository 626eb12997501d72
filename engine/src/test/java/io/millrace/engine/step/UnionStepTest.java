package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnionStepTest {
  @Test
  void rowsOfATopicAndOfAFolderKeepTheirCoordinates() {
    UnionStep union =
        new UnionStep(new UnionStep.Settings(List.of("topic", "folder"), UnionStep.Missing.REFUSE));

    assertThat(
            Tables.rows(
                Tables.run(
                        union,
                        Tables.table(
                            "topic",
                            "select 1 as id, named_struct('topic', 'clicks', 'offset', 7L) as"
                                + " _source"),
                        Tables.table(
                            "folder", "select 2 as id, named_struct('file', 'part-0') as _source"))
                    .selectExpr("id", "to_json(_source)")))
        .containsExactly("[1,{\"topic\":\"clicks\",\"offset\":7}]", "[2,{\"file\":\"part-0\"}]");
  }
}
