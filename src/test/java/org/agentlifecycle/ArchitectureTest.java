package org.agentlifecycle;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.haveModifier;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Date;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentStore;

/** Architecture rules, as described in the package document of {@code org.agentlifecycle}. */
@AnalyzeClasses(
    packagesOf = ArchitectureTest.class,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String BASE = "org.agentlifecycle.";
  private static final String CONSTRUCTOR = "<init>";

  /** The layers that {@code rest} and {@code valkey} may use. */
  private static final String[] LAYERS_BELOW_THE_ADAPTERS = {
    "config", "health", "agent", "session", "supervision", "feed", "kill", "batch", "admission"
  };

  @ArchTest
  static final ArchRule packagesDependOnlyOnAllowedPackages =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("org.agentlifecycle..")
          .layer("config")
          .definedBy(BASE + "config..")
          .layer("health")
          .definedBy(BASE + "health..")
          .layer("agent")
          .definedBy(BASE + "agent..")
          .layer("sweep")
          .definedBy(BASE + "sweep..")
          .layer("session")
          .definedBy(BASE + "session..")
          .layer("supervision")
          .definedBy(BASE + "supervision..")
          .layer("feed")
          .definedBy(BASE + "feed..")
          .layer("kill")
          .definedBy(BASE + "kill..")
          .layer("batch")
          .definedBy(BASE + "batch..")
          .layer("admission")
          .definedBy(BASE + "admission..")
          .layer("valkey")
          .definedBy(BASE + "valkey..")
          .layer("rest")
          .definedBy(BASE + "rest..")
          .whereLayer("config")
          .mayNotAccessAnyLayer()
          .whereLayer("health")
          .mayNotAccessAnyLayer()
          .whereLayer("agent")
          .mayOnlyAccessLayers("config")
          .whereLayer("sweep")
          .mayOnlyAccessLayers("config", "health", "agent")
          .whereLayer("admission")
          .mayOnlyAccessLayers("config")
          .whereLayer("session")
          .mayOnlyAccessLayers("config", "health", "agent", "sweep")
          .whereLayer("supervision")
          .mayOnlyAccessLayers("agent", "session", "sweep")
          .whereLayer("feed")
          .mayOnlyAccessLayers("config", "health", "agent", "sweep")
          .whereLayer("kill")
          .mayOnlyAccessLayers("config", "agent", "sweep")
          .whereLayer("batch")
          .mayOnlyAccessLayers("config", "agent", "session", "supervision")
          .whereLayer("valkey")
          .mayOnlyAccessLayers(LAYERS_BELOW_THE_ADAPTERS)
          .whereLayer("rest")
          .mayOnlyAccessLayers(LAYERS_BELOW_THE_ADAPTERS)
          .ensureAllClassesAreContainedInArchitectureIgnoring("org.agentlifecycle");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(BASE + "(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfRestHaveNoCycles =
      slices().matching(BASE + "rest.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule rootOfRestUsesNoPackageBelowIt =
      noClasses()
          .that()
          .resideInAPackage(BASE + "rest")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(BASE + "rest.*..");

  @ArchTest
  static final ArchRule onlyValkeyPackageUsesJedisAndItsPool =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "valkey..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("redis.clients..", "org.apache.commons.pool2..");

  @ArchTest
  static final ArchRule onlyRestPackageUsesHttp =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "rest..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.ws.rs..", "jakarta.servlet..", "java.net.http..");

  /** Allowed are the platform, Jedis and Jackson. A further library requires a decision. */
  @ArchTest
  static final ArchRule onlyAllowedLibrariesAreUsed =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "org.agentlifecycle..",
                      "java..",
                      "jakarta..",
                      "org.eclipse.microprofile..",
                      "tools.jackson..",
                      "com.fasterxml.jackson.annotation..")
                  .or(resideInAnyPackage("redis.clients.jedis..", "org.apache.commons.pool2.."))
                  .or(describe("primitives", type -> type.getBaseComponentType().isPrimitive())));

  @ArchTest
  static final ArchRule onlyAgentLifecycleRegistersAndMovesAgents =
      noClasses()
          .that()
          .doNotBelongToAnyOf(AgentLifecycle.class)
          .should()
          .accessTargetWhere(of(assignableTo(AgentStore.class), "register|move"));

  @ArchTest
  static final ArchRule noThreadsAreCreated =
      noClasses()
          .should()
          .accessTargetWhere(of(assignableTo(Thread.class), CONSTRUCTOR))
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              Timer.class,
              Executors.class,
              ForkJoinPool.class,
              CompletableFuture.class,
              ThreadPoolExecutor.class);

  /** A thread cannot time out or be interrupted while it waits for a monitor. */
  @ArchTest
  static final ArchRule noMethodIsSynchronized =
      noMethods().should(haveModifier(JavaModifier.SYNCHRONIZED));

  /** A bean with a client proxy must not have final methods; otherwise the deployment fails. */
  @ArchTest
  static final ArchRule applicationScopedBeansHaveNoFinalMethods =
      noMethods()
          .that()
          .areDeclaredInClassesThat()
          .areAnnotatedWith(ApplicationScoped.class)
          .and()
          .areNotPrivate()
          .and()
          .areNotStatic()
          .should(haveModifier(JavaModifier.FINAL));

  /** Timestamps come from the store; durations are measured with {@code System.nanoTime()}. */
  @ArchTest
  static final ArchRule systemClockIsNotUsed =
      noClasses()
          .should()
          .accessTargetWhere(of(resideInAPackage("java.time.."), "now"))
          .orShould()
          .accessTargetWhere(of(type(System.class), "currentTimeMillis"))
          .orShould()
          .accessTargetWhere(of(type(Date.class), CONSTRUCTOR))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule onlySystemLoggerIsUsedForLogging =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache..log..")
          .orShould()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .accessTargetWhere(of(assignableTo(Throwable.class), "printStackTrace"));

  /** Returns a predicate for accesses by method call and by method reference. */
  private static DescribedPredicate<JavaAccess<?>> of(
      DescribedPredicate<JavaClass> owner, String name) {
    return target(owner(owner)).and(target(nameMatching(name)));
  }
}
