package dev.cairn.ports.engine;

import dev.cairn.ports.system.Completion;
import java.util.Optional;

/**
 * An engine that Cairn drives step by step. It owns the weights and, in its device memory, one pool
 * of paged KV blocks per layer group; the core decides which block belongs to whom.
 *
 * <p>A step: {@link #launch} starts the forward pass of a ragged batch; while it runs the core
 * computes grammar masks; {@link #complete} hands them over, the runner samples where the logits
 * are and reports.
 *
 * <p>Threads: all methods are called by one mailbox at a time and never wait. Completions come on
 * the runner's own thread. Steps run in the order of their launch; at most {@link
 * RunnerDescription#stepsInFlight} may be launched and not yet reported.
 *
 * <p>Contract (checked by the TCK): a row's tokens and log-probabilities do not depend on what else
 * is in the batch, nor on how its prompt was cut into chunks, nor on which block ids it was given.
 * Blocks that a batch does not name are not touched.
 */
public interface ModelRunner extends AutoCloseable {

    RunnerDescription description();

    /**
     * Starts a forward pass. The batch's arrays belong to the runner until the step is reported.
     *
     * @throws IllegalArgumentException if the batch breaks the description's limits or names blocks
     *     out of range; nothing was started
     * @throws IllegalStateException if too many steps are in flight or the runner is closed
     */
    StepHandle launch(StepBatch batch);

    /**
     * Says how the rows of a launched step are to be sampled or scored. One row of {@code sampling}
     * per row of logits that the batch asked for, in order. Called exactly once per launch.
     *
     * @param done the step's result, or the failure of the device; after a failure the blocks that
     *     the batch wrote hold garbage, all others are untouched
     */
    void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done);

    /** Moves blocks between the device and host memory while steps run. */
    BlockPort blocks();

    /**
     * Whether a step waits, layer by layer, at the {@link LayerGate}s of its sequences, so that it
     * may be launched before all that it reads was restored; {@link #close} breaks them. Where not,
     * the core names none but open ones.
     */
    default boolean waitsAtGates() {
        return false;
    }

    /** LoRA adapters, where the runner can. */
    default Optional<AdapterPort> adapters() {
        return Optional.empty();
    }

    /** Giving memory back while idle, where the runner can. */
    default Optional<SleepPort> sleep() {
        return Optional.empty();
    }

    /**
     * Why no step will ever succeed again, for people; empty while steps may. A device that was
     * lost is such a reason: its process reports unready, and requests go elsewhere.
     *
     * <p>Threads: any.
     */
    default Optional<String> brokenBecause() {
        return Optional.empty();
    }

    /**
     * Ends the running step, fails what waits, gives memory and threads back. May wait for the
     * running step.
     */
    @Override
    void close();
}
