package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Sessions;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class SplittingTest {
  @Test
  void splitsAsSparkDoesAndRefusesWhereItStops() throws Exception {
    Dataset<Row> rows =
        Sessions.spark()
            .range(0, Equality.ROWS, 1, 2)
            .selectExpr(
                "id",
                "if(id % 100 = 7, null, concat('Ä  b', if(id % 3 = 0, '\\t', ' '), id, ' ')) as"
                    + " text");

    Equality.Seen seen =
        Equality.holds(
            fitted(rows, new Tokenizer().setInputCol("text").setOutputCol("words")), rows);

    assertThat(seen.refused().values())
        .hasSize(Equality.ROWS / 100)
        .containsOnly("Missing text in column text");
  }

  @Test
  void namesAStageThatIsNotKnown() {
    Dataset<Row> rows = Sessions.spark().range(1).toDF();
    PipelineModel model =
        fitted(rows, new SQLTransformer().setStatement("select *, 1 as one from __THIS__"));

    assertThatThrownBy(() -> Program.of(model, rows.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the stage SQLTransformer is not known");
  }

  private static PipelineModel fitted(Dataset<Row> rows, PipelineStage... stages) {
    return new Pipeline().setStages(stages).fit(rows);
  }
}
