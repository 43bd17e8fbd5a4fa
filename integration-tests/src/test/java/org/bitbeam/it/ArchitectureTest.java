package org.bitbeam.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms point one way. */
class ArchitectureTest {
  private static final String COLUMNS = "org.bitbeam.columns..";
  private static final String ROOT = "org.bitbeam.root..";
  private static final String RUNTIME = "org.bitbeam.runtime..";
  private static final String PHYSICS = "org.bitbeam.physics..";
  private static final String BEAM = "org.bitbeam.beam..";
  private static final String CLI = "org.bitbeam.cli..";
  private static final String REPORT = "org.bitbeam.report..";
  private static final String TRAINING = "org.bitbeam.training..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.bitbeam");

  private static void onlyUses(String room, String... others) {
    String[] forbidden =
        java.util.stream.Stream.of(COLUMNS, ROOT, RUNTIME, PHYSICS, BEAM, REPORT, CLI, TRAINING)
            .filter(r -> !r.equals(room) && !java.util.List.of(others).contains(r))
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .check(CLASSES);
  }

  @Test
  void roomsUseOnlyRoomsBelowThem() {
    onlyUses(COLUMNS);
    onlyUses(ROOT, COLUMNS);
    onlyUses(RUNTIME);
    onlyUses(PHYSICS, COLUMNS, RUNTIME);
    onlyUses(BEAM, COLUMNS, ROOT, PHYSICS, RUNTIME);
    onlyUses(REPORT, COLUMNS, ROOT, PHYSICS, RUNTIME, BEAM);
    onlyUses(CLI, COLUMNS, ROOT, PHYSICS, RUNTIME, BEAM, REPORT);
    onlyUses(TRAINING, COLUMNS, ROOT, PHYSICS, RUNTIME, REPORT, CLI);
  }

  @Test
  void onlyTrainingKnowsPyTorchAndOnlyItsCommandTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(TRAINING)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("org.bitbeam.training")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CLI, "picocli..", "org.apache.beam..")
        .check(CLASSES);
  }

  /** DJL's operations with a Number free its memory before the backward pass reads it. */
  @Test
  void trainingCalculatesWithNoNumbers() {
    noClasses()
        .that()
        .resideInAPackage(TRAINING)
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "calculates with an NDArray and a Number",
                call ->
                    call.getTargetOwner().isAssignableTo("ai.djl.ndarray.NDArray")
                        && !call.getName().equals("clip") // of codes, behind stopGradient
                        && call.getTarget().getRawParameterTypes().stream()
                            .anyMatch(type -> type.isEquivalentTo(Number.class))))
        .check(CLASSES);
  }

  @Test
  void onlyTheBeamRoomsKnowBeam() {
    noClasses()
        .that()
        .resideInAnyPackage(COLUMNS, ROOT, RUNTIME, PHYSICS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.beam..")
        .check(CLASSES);
  }

  @Test
  void guiceStaysInsideOfTheRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage(RUNTIME)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.google.inject..", "jakarta.inject..")
        .check(CLASSES);
  }

  @Test
  void columnsNeedNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage(COLUMNS)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(COLUMNS, "java..", "org.jspecify.annotations..")
        .check(CLASSES);
  }

  @Test
  void theStudyKnowsTheRuntimeOnly() {
    noClasses()
        .that()
        .resideInAPackage("org.bitbeam.study..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CLI, "org.bitbeam.report..", PHYSICS, ROOT, "org.apache.beam..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void internalsAreUsedOnlyByTheirOwnRoom() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bitbeam.root.internal..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(RUNTIME)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bitbeam.runtime.internal..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(PHYSICS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bitbeam.physics.internal..")
        .check(CLASSES);
  }

  @Test
  void nothingUsesReflectionOrJavaSerialisationByHand() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.reflect..")
        .check(CLASSES);
  }

  @Test
  void packagesOfIoRootHaveNoCircles() {
    slices().matching("org.bitbeam.root.internal.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
