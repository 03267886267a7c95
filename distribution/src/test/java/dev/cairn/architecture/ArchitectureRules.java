package dev.cairn.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;

/**
 * Who may see whom, for the packages under one root: {@code dev.cairn} for the program, another one
 * for the planted offenders that prove each rule can fail.
 */
record ArchitectureRules(String root) {

    /** Packages below the root whose sub-packages are one adapter each. */
    private static final Set<String> ADAPTER_ROOMS =
            Set.of("engine", "storage", "transport", "plugin");

    /** What the adapters of a room share; no adapter itself. */
    private static final Set<String> SHARED =
            Set.of("storage.slots", "transport.pem", "plugin.device");

    List<ArchRule> all() {
        return List.of(
                portsStandOnTheJdkAlone(),
                coreSeesPortsOnly(),
                adaptersSeeNeitherCoreNorDistribution(),
                adaptersDoNotSeeEachOther(),
                wiringIsTheDistributionsAlone(),
                logsGoThroughTheJdk(),
                CorePurity.noForbiddenClasses(root + ".core.."),
                CorePurity.noForbiddenCalls(root + ".core.."),
                CorePurity.noMonitors(root + ".core.."));
    }

    ArchRule portsStandOnTheJdkAlone() {
        return classes()
                .that()
                .resideInAPackage(root + ".ports..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", root + ".ports..")
                .because("a plugin sees the JDK and the ports, nothing else");
    }

    ArchRule coreSeesPortsOnly() {
        return classes()
                .that()
                .resideInAPackage(root + ".core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", root + ".ports..", root + ".core..")
                .because("decisions do not know who carries them out");
    }

    ArchRule adaptersSeeNeitherCoreNorDistribution() {
        return noClasses()
                .that()
                .resideInAnyPackage(
                        ADAPTER_ROOMS.stream()
                                .map(room -> root + "." + room + "..")
                                .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(root + ".core..", root + ".distribution..")
                .because("an adapter sees ports and its own libraries");
    }

    ArchRule adaptersDoNotSeeEachOther() {
        return slices().assignedFrom(new Adapters(root))
                .should()
                .notDependOnEachOther()
                .because("an adapter can be left out without another one noticing");
    }

    ArchRule wiringIsTheDistributionsAlone() {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackage(root + ".distribution..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "jakarta.enterprise..",
                        "jakarta.inject..",
                        "org.jboss.weld..",
                        "org.eclipse.microprofile..",
                        "io.smallrye..")
                .because("the distribution is the only composition root");
    }

    ArchRule logsGoThroughTheJdk() {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackage(root + ".distribution..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.jboss.logging..")
                .because("logs go through System.Logger");
    }

    /** Assigns {@code dev.cairn.engine.cpu.kernel} to the adapter {@code engine.cpu}. */
    private record Adapters(String root) implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (!type.getPackageName().startsWith(root + ".")) {
                return SliceIdentifier.ignore();
            }
            String[] parts = type.getPackageName().substring(root.length() + 1).split("\\.");
            return parts.length >= 2
                            && ADAPTER_ROOMS.contains(parts[0])
                            && !SHARED.contains(parts[0] + "." + parts[1])
                    ? SliceIdentifier.of(parts[0], parts[1])
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "adapters under " + root;
        }
    }
}
