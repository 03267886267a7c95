package dev.cairn.ports.relay;

import dev.cairn.ports.request.RequestProblem;
import java.util.Optional;

/**
 * A request at the desk: where it is to go, and how that went. Threads: the desk's.
 *
 * <p>Every call is ended by {@link #end}, on every way out; ending twice does nothing.
 */
public interface RelayCall {

    /** Who is to answer. */
    RemoteWorker worker();

    /** Who is to read the prompt first, if that is another. */
    Optional<RemoteWorker> prefill();

    /** How long to wait for the first byte before a second worker is asked, too; 0 = never. */
    long hedgeAfterNanos();

    /**
     * Asks for a second worker while the first is silent.
     *
     * @return empty if there is none, or the budget is spent
     */
    Optional<RemoteWorker> hedge(long nanos);

    /** A hedged call: this worker answers, the other one is told nothing more. */
    void answeredBy(RemoteWorker worker, long nanos);

    /** The first byte of an answer came, with this status. */
    void answered(int status, long nanos);

    /**
     * An attempt failed before a byte of it was relayed.
     *
     * @param failed {@link #worker} or {@link #prefill} of the attempt
     * @return whether to try again, at the {@link #worker} that there is now; otherwise {@link
     *     #problem} says what to tell the client
     */
    boolean retry(RemoteWorker failed, AttemptFailure failure, long nanos);

    /** Why there is no other attempt. It names no worker. */
    RequestProblem problem();

    /** Whether somebody wants to know how many tokens the answer has. */
    boolean isMetered();

    /** Tokens of the answer, told once, before {@link #end}. */
    void answeredTokens(int tokens);

    /**
     * The request is over.
     *
     * @param complete whether the worker said everything it had to say, or the client went away
     */
    void end(boolean complete, long nanos);
}
