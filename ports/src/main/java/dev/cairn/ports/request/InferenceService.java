package dev.cairn.ports.request;

import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Cairn does for its front ends: the use cases of {@code core.request}.
 *
 * <p>Threads: any; methods compute (render, encode) on the caller's thread and never wait for an
 * engine. Events come on the core's thread, in order; listeners hand them on and never wait.
 */
public interface InferenceService {

    /** In the order of configuration; the first is the default. */
    List<ServedModel> models();

    /**
     * Validates, renders, encodes, and hands the request to its backend.
     *
     * @return aborts the request within one step of the engine
     * @throws RequestRefused if the request cannot be served as it is; no event follows
     */
    Timers.Cancellation generate(GenerationCall call, AnswerListener events);

    /**
     * Encodes text, or renders and encodes a conversation.
     *
     * @throws RequestRefused for an unknown model, or a conversation that the template refuses
     */
    Tokenization tokenize(String model, Prompt prompt);

    /**
     * @throws RequestRefused for an unknown model or ids outside its vocabulary
     */
    String detokenize(String model, int[] ids);

    /**
     * Embeds inputs with an embedding model.
     *
     * @param tenant as in {@link GenerationCall#tenant}
     * @param dimensions cut vectors to this many elements and normalise again; 0 = all
     * @param done comes on any thread
     * @throws RequestRefused if the model embeds nothing, or an input is empty or too long
     */
    void embed(
            String tenant,
            String model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done);

    /**
     * Scores pairs of texts, by a cross-encoder or by the cosine of the vectors of an embedding
     * model.
     *
     * @param done comes on any thread
     * @throws RequestRefused if the model scores nothing, or a text is empty or too long
     */
    void score(ScoreCall call, Completion<Scores> done);

    /**
     * Holds accounts to rules from now on; those not named may do everything.
     *
     * @param rules by tenant, as {@link GenerationCall#tenant} has it before a colon
     */
    default void accounts(Map<String, AccountRules> rules) {}

    /** Whether an account's rules let it use a model. */
    default boolean mayUse(String tenant, String model) {
        return true;
    }

    /** Whether a request would be served now; else why not. */
    Optional<String> unreadyBecause();

    /** Puts all engines to sleep and wakes them, where they can. */
    default Optional<Sleeper> sleeper() {
        return Optional.empty();
    }

    /** The caches, where somebody may administer them. */
    default Optional<CacheService> cache() {
        return Optional.empty();
    }

    /** The adapters, where somebody may load them while the program runs. */
    default Optional<AdapterService> adapters() {
        return Optional.empty();
    }

    /** The policies of a router, where requests are routed. */
    default Optional<RoutingControl> routing() {
        return Optional.empty();
    }

    /** This process as a worker of a fleet, where it is one. */
    default Optional<WorkerService> worker() {
        return Optional.empty();
    }

    /**
     * Why a request went where it went: candidates, scores, and what came of it.
     *
     * @param request {@link GenerationCall#id}
     * @param done gets nothing for a request that is not known (any more), or was not sent on
     */
    default void explain(String request, Completion<Optional<JsonObject>> done) {
        done.completed(Optional.empty());
    }

    /**
     * The codec of a served model, for front ends that report token names; empty for an unknown
     * model.
     */
    Optional<TextCodec> codec(String model);

    /** Hears events. */
    interface AnswerListener {

        void on(AnswerEvent event);
    }

    /**
     * @param name what clients ask for
     * @param root where it came from, without folders: paths are nobody's business
     * @param maxModelLength tokens of prompt and answer together
     * @param createdEpochSeconds when it was loaded
     * @param parent the model that this is a LoRA adapter of
     */
    record ServedModel(
            String name,
            String root,
            Kind kind,
            int maxModelLength,
            long createdEpochSeconds,
            Optional<String> parent) {

        /** A model that is nobody's adapter. */
        public ServedModel(
                String name, String root, Kind kind, int maxModelLength, long createdEpochSeconds) {
            this(name, root, kind, maxModelLength, createdEpochSeconds, Optional.empty());
        }

        /** What it can be asked for. */
        public enum Kind {
            GENERATION,
            EMBEDDING,
            SCORE
        }
    }

    /**
     * @param ids the tokens
     * @param names as the vocabulary writes them
     */
    record Tokenization(int[] ids, List<String> names, int maxModelLength) {}

    /**
     * @param vectors one per input
     * @param promptTokens over all inputs
     */
    record Embeddings(List<float[]> vectors, int promptTokens) {}

    /**
     * @param values one per pair
     * @param promptTokens over all pairs
     */
    record Scores(float[] values, int promptTokens) {}
}
