package io.millrace.tests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.junit.jupiter.api.Test;

/** The arrows between packages: what may know what. */
class ArchitectureTest {
  private static final String ENGINE = "io.millrace.engine.";
  private static final String JDK = "java..";
  private static final String NULLNESS = "org.jspecify..";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // The test kit is a jar of its own once it is packaged.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.millrace");

  @Test
  void specKnowsOnlyTheYamlParser() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage(ENGINE + "spec..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ENGINE + "spec..", "org.snakeyaml.engine..", JDK, NULLNESS);
    rule.check(CLASSES);
  }

  @Test
  void spiKnowsOnlySpark() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage(ENGINE + "spi..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                ENGINE + "spi..",
                "org.apache.spark.sql..",
                "scala..",
                JDK,
                "javax.net.ssl..",
                NULLNESS);
    rule.check(CLASSES);
  }

  @Test
  void planKnowsSpecAndSpi() {
    ArchRule rule = millraceOf("plan").onlyDependOnClassesThat(ours("plan", "spec", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void planHasNoSession() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ENGINE + "plan..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                "org\\.apache\\.spark\\.sql\\.(classic\\.)?(SparkSession|Dataset|DataFrameReader)|"
                    + "org\\.apache\\.spark\\.(SparkContext|api\\..*)");
    rule.check(CLASSES);
  }

  @Test
  void runKnowsPlanSpecAndSpi() {
    ArchRule rule =
        millraceOf("run").onlyDependOnClassesThat(ours("run", "plan", "spec", "spi", "disk"));
    rule.check(CLASSES);
  }

  @Test
  void dstreamKnowsRunPlanAndSpi() {
    ArchRule rule =
        millraceOf("dstream").onlyDependOnClassesThat(ours("dstream", "run", "plan", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void onlyDstreamKnowsDStreams() {
    ArchRule rule =
        noClasses()
            .that(resideOutsideOfPackage(ENGINE + "dstream.."))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark.streaming..");
    rule.check(CLASSES);
  }

  @Test
  void diskKnowsHadoopOnly() {
    ArchRule rule = millraceOf("disk").onlyDependOnClassesThat(ours("disk"));
    rule.check(CLASSES);
  }

  @Test
  void sourcesKnowTheSpi() {
    ArchRule rule = millraceOf("source").onlyDependOnClassesThat(ours("source", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void theRegistryKnowsTheSpi() {
    ArchRule rule = millraceOf("registry").onlyDependOnClassesThat(ours("registry", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void decodersKnowTheSpiAndTheRegistry() {
    ArchRule rule = millraceOf("decode").onlyDependOnClassesThat(ours("decode", "spi", "registry"));
    rule.check(CLASSES);
  }

  @Test
  void stepsKnowTheSpiAndFolds() {
    ArchRule rule = millraceOf("step").onlyDependOnClassesThat(ours("step", "spi", "fold"));
    rule.check(CLASSES);
  }

  @Test
  void foldsKnowSparkOnly() {
    ArchRule rule = millraceOf("fold").onlyDependOnClassesThat(ours("fold"));
    rule.check(CLASSES);
  }

  @Test
  void theTestKitKnowsTheSpi() {
    ArchRule rule = millraceOf("testkit").onlyDependOnClassesThat(ours("testkit", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void observeKnowsTheSpi() {
    ArchRule rule = millraceOf("observe").onlyDependOnClassesThat(ours("observe", "spi"));
    rule.check(CLASSES);
  }

  @Test
  void sinksKnowTheSpiAndTheRegistry() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage("io.millrace.sinks..")
            .should()
            .onlyDependOnClassesThat(
                foreign()
                    .or(in("io.millrace.sinks.."))
                    .or(in(ENGINE + "spi.."))
                    .or(in(ENGINE + "registry..")));
    rule.check(CLASSES);
  }

  @Test
  void modelsKnowTheSpi() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage("io.millrace.models..")
            .should()
            .onlyDependOnClassesThat(
                foreign().or(in("io.millrace.models..")).or(in(ENGINE + "spi..")));
    rule.check(CLASSES);
  }

  @Test
  void jobsFindSinksAndModelsByService() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("io.millrace.jobs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.millrace.sinks..", "io.millrace.models..");
    rule.check(CLASSES);
  }

  @Test
  void engineKnowsNoOtherModule() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("io.millrace.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.millrace.sinks..", "io.millrace.models..", "io.millrace.jobs..");
    rule.check(CLASSES);
  }

  @Test
  void onlyRunStartsQueries() {
    ArchRule rule =
        noClasses()
            .that(resideOutsideOfPackage(ENGINE + "run.."))
            .should()
            .callMethodWhere(
                DescribedPredicate.describe("it starts a stream", ArchitectureTest::starts));
    rule.check(CLASSES);
  }

  @Test
  void noCycles() {
    ArchRule rule = slices().matching("io.millrace.(**)").should().beFreeOfCycles();
    rule.check(CLASSES);
  }

  private static com.tngtech.archunit.lang.syntax.elements.ClassesShould millraceOf(String name) {
    return classes().that().resideInAPackage(ENGINE + name + "..").should();
  }

  /** Spark, the JDK and other foreign code, and these packages of the engine. */
  private static DescribedPredicate<JavaClass> ours(String... names) {
    DescribedPredicate<JavaClass> allowed = foreign();
    for (String name : names) {
      allowed = allowed.or(in(ENGINE + name + ".."));
    }
    return allowed;
  }

  private static DescribedPredicate<JavaClass> foreign() {
    return resideOutsideOfPackage("io.millrace..");
  }

  private static DescribedPredicate<JavaClass> in(String name) {
    return JavaClass.Predicates.resideInAPackage(name);
  }

  private static boolean starts(JavaMethodCall call) {
    return call.getTargetOwner().isAssignableTo(DataStreamWriter.class)
        && List.of("start", "toTable").contains(call.getName());
  }
}
