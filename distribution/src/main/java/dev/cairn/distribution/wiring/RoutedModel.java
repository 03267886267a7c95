package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.distribution.incident.DecisionLog;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.model.ModelArtifact;
import java.util.Optional;

/**
 * A model that workers serve and this process routes to: its text, and no weights.
 *
 * @param grammars in which formats of its answers are compiled
 * @param style how it marks thoughts and tool calls
 * @param backend its workers
 * @param watch who those are
 * @param index what they hold
 * @param events by which they say so, shared by all models
 * @param log of what is decided, if one is kept
 */
record RoutedModel(
        String name,
        ModelArtifact artifact,
        Grammars grammars,
        AnswerStyle style,
        RoutedBackend backend,
        WorkerWatch watch,
        LiveIndex index,
        KvEventChannel events,
        Optional<DecisionLog> log)
        implements AutoCloseable {

    /** Takes no new work and fails what is alive; {@link #close} must follow. */
    void end() {
        watch.close();
        index.close();
        events.close();
        backend.close();
    }

    @Override
    public void close() {
        log.ifPresent(DecisionLog::close);
        artifact.close();
    }
}
