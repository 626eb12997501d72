package io.millrace.models;

import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.Block;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.codegen.FalseLiteral$;
import org.apache.spark.sql.catalyst.expressions.codegen.JavaCode;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Scores a row by the version of a model that its batch sees: {@code struct<outputs…, version,
 * fault>}. A row that cannot be scored has only a fault, a sentence; one that is a dead letter
 * already has nothing.
 */
public final class ScoredRow extends OncePerRow {
  private static final long serialVersionUID = 1;

  /** The version that scored the row. */
  static final String VERSION = "_version";

  /** Why the row was not scored. */
  static final String FAULT = "_fault";

  private static final Cleaner CLEANER = Cleaner.create();

  private final Models models;
  private final StructType type;
  private transient @Nullable Task task;

  /**
   * Whose models, and what they tell.
   *
   * @param property that tells tasks the versions
   * @param last the versions where nothing tells them
   * @param probe that counts rows for drift; null where none is measured
   */
  record Models(
      Map<Role, Resident> residents,
      ScoreFigures figures,
      String property,
      String last,
      @Nullable Probe probe)
      implements Serializable {
    Map<Role, Scorable> current() {
      TaskContext context = TaskContext.get();
      String told = context == null ? null : context.getLocalProperty(property);
      Map<Role, Scorable> current = new EnumMap<>(Role.class);
      Map<Role, String> versions = Role.versions(told == null ? last : told);
      residents.forEach(
          (role, resident) ->
              Optional.ofNullable(versions.get(role))
                  .ifPresent(version -> current.put(role, resident.get(version))));
      return current;
    }
  }

  /** What one task has of it. */
  private static final class Task {
    private final Scorable.Work main;
    private final Scorable.@Nullable Work split;
    private final Scorable.@Nullable Work shadow;
    private final Probe.@Nullable Work probe;
    private final SpecificInternalRow row;
    private final @Nullable Object[] beside;

    Task(Map<Role, Scorable> models, @Nullable Probe probe, SpecificInternalRow row, int outputs) {
      this.main = Objects.requireNonNull(models.get(Role.MAIN)).open();
      this.probe = probe == null ? null : probe.open(main.version().toString());
      this.split = work(models.get(Role.SPLIT));
      this.shadow = work(models.get(Role.SHADOW));
      this.row = row;
      this.beside = new Object[outputs];
    }

    /** Closes the models when the task of Spark ends; outside of one, once nobody has this. */
    void closeInTime() {
      for (Scorable.@Nullable Work work : Arrays.asList(main, split, shadow)) {
        if (work != null) {
          closeInTime(work);
        }
      }
    }

    private void closeInTime(Scorable.Work work) {
      TaskContext context = TaskContext.get();
      if (context == null) {
        Cleaner.Cleanable unused = CLEANER.register(this, work::close);
      } else {
        TaskCompletionListener end = done -> work.close();
        TaskContext unused = context.addTaskCompletionListener(end);
      }
    }

    private static Scorable.@Nullable Work work(@Nullable Scorable model) {
      return model == null ? null : model.open();
    }
  }

  private ScoredRow(Models models, StructType type, List<Expression> parts) {
    super(parts);
    this.models = models;
    this.type = type;
  }

  /**
   * The scored row.
   *
   * @param outputs what the models give
   * @param inputs what they read, in the order of their programs
   * @param dead whether the row is a dead letter already
   * @param split whether the model for a share of the keys scores it
   */
  static Column of(
      Models models, StructType outputs, List<Column> inputs, Column dead, Column split) {
    List<Expression> children = new ArrayList<>();
    inputs.forEach(input -> children.add(ExpressionUtils.expression(input)));
    children.add(ExpressionUtils.expression(dead));
    children.add(ExpressionUtils.expression(split));
    StructType type =
        outputs.add(VERSION, DataTypes.StringType, true).add(FAULT, DataTypes.StringType, true);
    return ExpressionUtils.column(new ScoredRow(models, type, children));
  }

  @Override
  public DataType dataType() {
    return type;
  }

  @Override
  public Object eval(InternalRow input) {
    SpecificInternalRow row = row();
    for (int i = 0; i < parts.size(); i++) {
      row.update(i, parts.get(i).eval(input));
    }
    return scored();
  }

  /** Where the code that Spark generates puts the values of the parts. */
  public SpecificInternalRow row() {
    return task().row;
  }

  /** The row that was put there, scored. */
  public InternalRow scored() {
    Task own = task();
    @Nullable Object[] result = new Object[type.length()];
    int dead = parts.size() - 2;
    if (!own.row.getBoolean(dead)) {
      Scorable.Work split = own.row.getBoolean(dead + 1) ? own.split : null;
      score(own, split == null ? own.main : split, split != null, result);
    }
    return new GenericInternalRow(result);
  }

  private void score(Task own, Scorable.Work work, boolean split, @Nullable Object[] result) {
    String fault = work.score(own.row, result);
    int version = type.length() - 2;
    if (fault == null) {
      result[version] = work.version();
    } else {
      result[version + 1] = UTF8String.fromString(fault);
    }
    models.figures().scored(split, fault == null);
    if (own.probe != null && !split) {
      own.probe.count(own.row, fault == null ? result : null);
    }
    if (own.shadow != null && fault == null) {
      boolean taken = own.shadow.score(own.row, own.beside) == null;
      models.figures().compared(result, own.beside, taken);
    }
  }

  private Task task() {
    Task known = task;
    if (known == null) {
      known =
          new Task(
              models.current(),
              models.probe(),
              new SpecificInternalRow(list(parts.stream().map(Expression::dataType).toList())),
              type.length() - 2);
      known.closeInTime();
      task = known;
    }
    return known;
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    String own = context.addReferenceObj("scored", this, ScoredRow.class.getName());
    String row = context.freshName("row");
    List<String> texts = new ArrayList<>();
    List<JavaCode> between = new ArrayList<>();
    String text = SpecificInternalRow.class.getName() + " " + row + " = " + own + ".row();\n";
    for (int i = 0; i < parts.size(); i++) {
      ExprCode child = parts.get(i).genCode(context);
      String place = row + "." + setter(parts.get(i).dataType()) + "(" + i + ", ";
      texts.addAll(
          List.of(text, "\nif (", ") { " + row + ".setNullAt(" + i + "); } else { " + place));
      between.addAll(List.of(child.code(), child.isNull(), child.value()));
      text = "); }\n";
    }
    texts.addAll(List.of(text + "InternalRow ", " = " + own + ".scored();\n"));
    between.add(code.value());
    Block block = new CodeBlock(list(texts), list(between));
    return code.copy(block, FalseLiteral$.MODULE$, code.value());
  }

  private static String setter(DataType type) {
    return CodeGenerator.isPrimitiveType(type)
        ? "set" + CodeGenerator.primitiveTypeName(type)
        : "update";
  }

  private static <T> Seq<T> list(List<T> items) {
    return CollectionConverters.asScala(items).toSeq();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> changed) {
    return new ScoredRow(models, type, CollectionConverters.asJava(changed));
  }

  @Override
  public String prettyName() {
    return "score";
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof ScoredRow;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ScoredRow that
        && that.models.equals(models)
        && that.type.equals(type)
        && that.parts.equals(parts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(models, parts);
  }
}
