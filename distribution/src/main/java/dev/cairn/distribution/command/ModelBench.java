package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.BenchmarkRunner;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;
import java.util.List;

/** A benchmark of the first configured model on its engine, without scheduler and HTTP. */
@FunctionalInterface
interface ModelBench {

    /**
     * @param subject model and engine, in one line
     * @param program whose parts it may use
     */
    BenchmarkReport measure(
            String subject, ModelArtifact artifact, ModelRunner runner, Program program);

    /** Loads the model, measures, and gives everything back. */
    static BenchmarkReport run(Setup setup, ModelBench bench) {
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        String name = models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
        try (Program program = Program.start(setup);
                ModelArtifact artifact = program.part(ModelShelf.class).open(name);
                ModelRunner runner = program.part(BenchmarkRunner.class).open(artifact)) {
            String subject =
                    "%s on %s: %s"
                            .formatted(
                                    name,
                                    runner.description().engine(),
                                    runner.description().report());
            return bench.measure(subject, artifact, runner, program);
        }
    }
}
