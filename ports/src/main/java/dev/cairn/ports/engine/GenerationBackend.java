package dev.cairn.ports.engine;

import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import java.util.Optional;

/**
 * An engine that schedules itself: vLLM, SGLang, any OpenAI-compatible server, or a {@link
 * ModelRunner} under Cairn's own scheduler. Routers see only this.
 *
 * <p>Threads: any; no method waits. Events of one request come in order, on the backend's thread,
 * and end with exactly one {@link TokenEvent.Ended}, {@link TokenEvent.Failed} or {@link
 * TokenEvent.Interrupted}.
 */
public interface GenerationBackend extends AutoCloseable {

    BackendDescription description();

    /**
     * Starts a request; refusals come as {@link TokenEvent.Failed}.
     *
     * @return aborts the request within one step; no event follows the {@code Failed} with which it
     *     then ends
     */
    Timers.Cancellation generate(GenerationRequest request, TokenListener events);

    LoadReport load();

    /** Who else sends requests there, and what they booked. Routers ask workers. */
    default OtherRouters otherRouters() {
        return OtherRouters.NONE;
    }

    /** Why a request would not be served now, for people; empty if it would. */
    default Optional<String> unreadyBecause() {
        return Optional.empty();
    }

    /**
     * Why a request went where it went, of those that are not long over.
     *
     * @param done gets nothing for a request that is not known, or was not sent on
     */
    default void explain(String request, Completion<Optional<JsonObject>> done) {
        done.completed(Optional.empty());
    }

    /** Giving its memory back for a while, where it can. */
    default Optional<Sleeper> sleeper() {
        return Optional.empty();
    }

    /** Its cached blocks, where somebody may administer them. */
    default Optional<CacheControl> cache() {
        return Optional.empty();
    }

    @Override
    void close();

    /** Hears a request's events; hands them on and never waits. */
    interface TokenListener {

        void on(TokenEvent event);
    }

    /**
     * What a backend is.
     *
     * @param name worker's name in explanations and metrics
     * @param model name it serves
     * @param maxModelLength tokens of prompt and answer together
     * @param report one line for people
     */
    record BackendDescription(String name, String model, int maxModelLength, String report) {}

    /**
     * The routers that send requests to a backend, as it tells one of them.
     *
     * @param booked what the others booked, in their words; {@link LoadReport#running} are those
     *     whose prompts are read
     * @param place of the one that is told among all that sent something lately, by name
     * @param routers how many those are, the one that is told included
     */
    record OtherRouters(LoadReport booked, int place, int routers) {

        /** There are none. */
        public static final OtherRouters NONE = new OtherRouters(LoadReport.NONE, 0, 1);

        public OtherRouters {
            if (place < 0 || place >= routers) {
                throw new IllegalArgumentException("place " + place + " of " + routers);
            }
        }
    }

    /**
     * How busy a backend is.
     *
     * @param running requests in the batch
     * @param waiting requests in the queue
     * @param usedBlocks KV blocks in use, of the fullest group
     * @param totalBlocks blocks of that group
     * @param waitingPrefillTokens prompt tokens not yet computed, of running and waiting requests
     */
    record LoadReport(
            int running,
            int waiting,
            long usedBlocks,
            long totalBlocks,
            long waitingPrefillTokens) {

        /** Nothing runs, and of the blocks nothing is known. */
        public static final LoadReport NONE = new LoadReport(0, 0, 0, 0, 0);

        /** Both together, of the same worker. */
        public LoadReport plus(LoadReport other) {
            return new LoadReport(
                    running + other.running,
                    waiting + other.waiting,
                    usedBlocks + other.usedBlocks,
                    Math.max(totalBlocks, other.totalBlocks),
                    waitingPrefillTokens + other.waitingPrefillTokens);
        }
    }
}
