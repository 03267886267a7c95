package dev.cairn.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the design's first section hold for the compiled modules, and each can fail. */
class ArchitectureIT {

    private static final String PLANTED = "dev.cairn.architecture.planted";

    private static final JavaClasses PROGRAM;
    private static final JavaClasses OFFENDERS;

    static {
        // The rules ask for names; to read what the libraries' classes depend on would take most of
        // the time.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        PROGRAM =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.cairn");

        OFFENDERS = new ClassFileImporter().importPackages(PLANTED);
    }

    static Stream<ArchRule> rules() {
        return new ArchitectureRules("dev.cairn").all().stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holds(ArchRule rule) {
        rule.check(PROGRAM);
    }

    /** A rule over classes that were not read would hold for ever. */
    @Test
    void everyModuleWasRead() {
        for (String root :
                List.of(
                        "dev.cairn.ports",
                        "dev.cairn.core",
                        "dev.cairn.engine.models",
                        "dev.cairn.engine.cpu",
                        "dev.cairn.engine.onnx",
                        "dev.cairn.engine.remote",
                        "dev.cairn.storage.slots",
                        "dev.cairn.storage.memory",
                        "dev.cairn.storage.disk",
                        "dev.cairn.storage.hub",
                        "dev.cairn.transport.pem",
                        "dev.cairn.transport.http",
                        "dev.cairn.transport.kv",
                        "dev.cairn.transport.events",
                        "dev.cairn.transport.node",
                        "dev.cairn.plugin.hazelcast",
                        "dev.cairn.plugin.device",
                        "dev.cairn.plugin.cuda",
                        "dev.cairn.distribution")) {
            assertThat(PROGRAM)
                    .as("classes under %s", root)
                    .anyMatch(
                            type ->
                                    !type.getSimpleName().equals("package-info")
                                            && (type.getPackageName() + ".")
                                                    .startsWith(root + "."));
        }
    }

    static Stream<Offence> offences() {
        ArchitectureRules rules = new ArchitectureRules(PLANTED);
        String core = PLANTED + ".core..";
        return Stream.of(
                new Offence(rules.portsStandOnTheJdkAlone(), "PortsOffender"),
                new Offence(rules.coreSeesPortsOnly(), "SeesAnAdapter"),
                new Offence(rules.adaptersSeeNeitherCoreNorDistribution(), "SeesTheCore"),
                new Offence(rules.adaptersDoNotSeeEachOther(), "SeesAnEngine"),
                new Offence(rules.wiringIsTheDistributionsAlone(), "WiresItself"),
                new Offence(rules.logsGoThroughTheJdk(), "LogsThroughALibrary"),
                new Offence(CorePurity.noForbiddenClasses(core), "StartsAThread"),
                new Offence(CorePurity.noForbiddenClasses(core), "ReadsAFile"),
                new Offence(CorePurity.noForbiddenClasses(core), "DrawsLots"),
                new Offence(CorePurity.noForbiddenCalls(core), "LooksAtTheClock"),
                new Offence(CorePurity.noForbiddenCalls(core), "AsksForTheDate"),
                new Offence(CorePurity.noMonitors(core), "LocksABlock"),
                new Offence(CorePurity.noMonitors(core), "LocksAMethod"));
    }

    @ParameterizedTest
    @MethodSource("offences")
    void catchesAPlantedOffender(Offence offence) {
        assertThat(offence.rule().evaluate(OFFENDERS).getFailureReport().getDetails())
                .anyMatch(detail -> detail.contains(offence.offender()));
    }

    record Offence(ArchRule rule, String offender) {}
}
