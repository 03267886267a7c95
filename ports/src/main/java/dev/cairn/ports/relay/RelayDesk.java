package dev.cairn.ports.relay;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Decides where relayed requests go, who is well, and what is tried again. Offered by the core,
 * used by the adapter that has the sockets.
 *
 * <p>Threads: one, the relay's loop. Nothing here waits or looks at a clock.
 */
public interface RelayDesk {

    /** From now on these are the workers; new ones are probed before they get a request. */
    void workers(List<RemoteWorker> workers, long nanos);

    /** Probes that are to be started now; each is answered by {@link #probed}. */
    List<Probe> probesDue(long nanos);

    void probed(RemoteWorker worker, ProbeOutcome outcome, long nanos);

    /** Whether nobody believes that a worker there will still answer. */
    boolean isGone(RemoteWorker worker);

    /** Whether every worker was probed at least once. */
    boolean hasProbedAll();

    /**
     * Picks a worker for a request and books it there.
     *
     * @throws RequestRefused if the model is unknown, or nobody is there who could answer
     */
    RelayCall open(RelayQuestion question, long nanos);

    /**
     * Whether the request has nobody now who could answer it, but may have soon: its model is
     * served by workers that are not well, or nobody has said yet what it serves.
     */
    boolean mustWait(String model, long nanos);

    /**
     * How engines that tell their blocks cut prompts of this model; empty if none has told of any.
     */
    Optional<BlockShape> blocksOf(String model);

    /**
     * What {@code /v1/models} lists: the models of all workers, each once, as workers tell them.
     *
     * @param tenant may use those that are listed; empty = all
     */
    List<JsonObject> models(String tenant);

    /** Why a request would be refused now. */
    Optional<RequestProblem> unreadyBecause(long nanos);

    /** What is known of each worker. */
    List<JsonObject> workerReports(long nanos);

    /** Why a request went where; requests are remembered for a while. */
    Optional<JsonObject> explain(String requestId);

    /**
     * A look at a worker.
     *
     * @param models whether to ask for its models, too
     */
    record Probe(RemoteWorker worker, boolean models) {}

    /** What a probe found. */
    sealed interface ProbeOutcome {

        /**
         * @param models if it was asked for them and told them
         */
        record Alive(Optional<List<JsonObject>> models) implements ProbeOutcome {}

        record Dead(AttemptFailure why) implements ProbeOutcome {}
    }
}
