package dev.cairn.distribution.wiring;

import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;

/**
 * A model that generates: its files, its engine, and the scheduler over it.
 *
 * @param grammars in which formats of its answers are compiled
 * @param style how it marks thoughts and tool calls
 * @param engineReason why it runs on this engine
 */
record LoadedModel(
        String name,
        ModelArtifact artifact,
        ModelRunner runner,
        Grammars grammars,
        AnswerStyle style,
        ScheduledBackend backend,
        CacheBudget budget,
        String engineReason)
        implements AutoCloseable {

    /** Takes no new work and fails what is alive; {@link #close} must follow. */
    void end() {
        backend.close();
    }

    /** Gives memory and files back, after the backend's mailbox has handled its last event. */
    @Override
    public void close() {
        runner.close();
        artifact.close();
    }
}
