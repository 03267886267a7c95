package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.SpeculationKeys;
import dev.cairn.ports.engine.LoadProgress;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Optional;

/** Loads the draft model that guesses for another one, where the configuration names one. */
@Singleton
public final class DraftShelf {

    private final Configuration configuration;
    private final ModelFinder finder;
    private final ModelOpener opener;
    private final EngineChoice engines;

    @Inject
    DraftShelf(
            Configuration configuration,
            ModelFinder finder,
            ModelOpener opener,
            EngineChoice engines) {
        this.configuration = configuration;
        this.finder = finder;
        this.opener = opener;
        this.engines = engines;
    }

    /** A draft model on an engine of its own. Closed by whoever loaded it, after its scheduler. */
    public record Draft(ModelArtifact artifact, ModelRunner runner) implements AutoCloseable {

        @Override
        public void close() {
            runner.close();
            artifact.close();
        }
    }

    /**
     * Loads what {@code cairn.speculation=draft} asks for.
     *
     * @param target the model whose answers are guessed, and its runner
     * @return empty where nothing is guessed by a draft model
     * @throws dev.cairn.ports.system.Settings.SettingException if none is named, or if its tokens
     *     are not the target's
     */
    public Optional<Draft> load(ModelArtifact target, ModelRunner runner) {
        if (!GuessedAnswers.isByDraft(configuration)) {
            return Optional.empty();
        }
        String text =
                configuration
                        .text(SpeculationKeys.DRAFT)
                        .orElseThrow(
                                () ->
                                        configuration.problem(
                                                SpeculationKeys.SPECULATION,
                                                "draft needs a model that guesses; name it by "
                                                        + SpeculationKeys.DRAFT));
        ModelLocation location = finder.local(ModelLocation.parse(text));
        ModelArtifact artifact = opener.format(location).open(location.location());
        try {
            checkTokens(text, artifact.codec(), target.codec());
            ModelRunner draft =
                    engines.choose()
                            .engine()
                            .factory()
                            .create(artifact, options(artifact, runner), LoadProgress.SILENT);
            try {
                checkWidth(text, draft, runner);
                return Optional.of(new Draft(artifact, draft));
            } catch (RuntimeException refused) {
                draft.close();
                throw refused;
            }
        } catch (RuntimeException failed) {
            artifact.close();
            throw failed;
        }
    }

    private RunnerOptions options(ModelArtifact draft, ModelRunner target) {
        RunnerSettings settings = RunnerSettings.read(configuration);
        int longest =
                Math.min(draft.architecture().maxPositions(), target.description().maxPositions());
        return new RunnerOptions(
                settings.weightType(),
                settings.kvType(),
                settings.blockTokens(),
                configuration.size(SpeculationKeys.DRAFT_CACHE).orElseThrow(),
                longest,
                settings.maxTokensPerStep(),
                settings.maxSequencesPerStep());
    }

    private void checkTokens(String name, TextCodec draft, TextCodec target) {
        if (draft.vocabularySize() != target.vocabularySize()) {
            throw otherTokens(
                    name,
                    "%d tokens, the model %d"
                            .formatted(draft.vocabularySize(), target.vocabularySize()));
        }
        for (int id = 0; id < target.vocabularySize(); id++) {
            boolean same =
                    Arrays.equals(draft.tokenBytes(id), target.tokenBytes(id))
                            && draft.isSpecial(id) == target.isSpecial(id);
            if (!same) {
                throw otherTokens(
                        name,
                        "token %d is %s, the model's %s"
                                .formatted(id, draft.tokenName(id), target.tokenName(id)));
            }
        }
    }

    private void checkWidth(String name, ModelRunner draft, ModelRunner target) {
        int mine = draft.description().vocabularySize();
        int its = target.description().vocabularySize();
        if (mine != its) {
            throw otherTokens(name, "%d logits, the model %d".formatted(mine, its));
        }
    }

    private RuntimeException otherTokens(String name, String difference) {
        return configuration.problem(
                SpeculationKeys.DRAFT,
                "%s has another vocabulary than the model (%s); a draft needs the model's own tokens"
                        .formatted(name, difference));
    }
}
