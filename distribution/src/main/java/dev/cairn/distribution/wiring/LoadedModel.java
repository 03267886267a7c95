package dev.cairn.distribution.wiring;

import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A model that generates: its files, its engine, and the scheduler over it.
 *
 * @param draft the model that guesses its answers, where one does
 * @param grammars in which formats of its answers are compiled
 * @param style how it marks thoughts and tool calls
 * @param engineReason why it runs on this engine
 */
record LoadedModel(
        String name,
        ModelArtifact artifact,
        ModelRunner runner,
        Optional<DraftShelf.Draft> draft,
        Grammars grammars,
        AnswerStyle style,
        ScheduledBackend backend,
        CacheBudget budget,
        String engineReason)
        implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LoadedModel.class.getName());

    private static final Duration LONGEST_WRITE = Duration.ofSeconds(30);

    /** Lets tiers have what only the device holds, and what is on its way to them. */
    void writeBack() {
        CompletableFuture<Integer> written = new CompletableFuture<>();
        backend.cache()
                .orElseThrow()
                .writeBack(
                        new Completion<>() {
                            @Override
                            public void completed(Integer blocks) {
                                written.complete(blocks);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                written.completeExceptionally(failure);
                            }
                        });
        try {
            written.get(LONGEST_WRITE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException late) {
            LOG.log(WARNING, "{0}: not every block reached its tier: {1}", name, late);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no new work and fails what is alive; {@link #close} must follow. */
    void end() {
        backend.close();
    }

    /** Gives memory and files back, after the backend's mailbox has handled its last event. */
    @Override
    public void close() {
        runner.close();
        draft.ifPresent(DraftShelf.Draft::close);
        artifact.close();
    }
}
