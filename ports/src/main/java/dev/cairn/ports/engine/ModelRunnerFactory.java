package dev.cairn.ports.engine;

import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;

/** Makes runners of one engine. Threads: any, at start. */
public interface ModelRunnerFactory {

    /** The name that {@code cairn.engine} takes: {@code "cpu"}, {@code "cuda"}. */
    String name();

    /** Whether the engine works on this machine. Never throws: a missing library is an answer. */
    EngineAvailability availability();

    /**
     * Loads a model. Waits until the weights are in place.
     *
     * @throws ModelException if the engine cannot run this model (unserved type, too little
     *     memory): says what would fit
     */
    ModelRunner create(ModelArtifact model, RunnerOptions options);

    /**
     * {@link #create(ModelArtifact, RunnerOptions)}, told of as it goes on.
     *
     * @param progress hears of it until the call returns
     */
    default ModelRunner create(ModelArtifact model, RunnerOptions options, LoadProgress progress) {
        return create(model, options);
    }
}
