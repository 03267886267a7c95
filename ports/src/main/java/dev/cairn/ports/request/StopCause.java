package dev.cairn.ports.request;

/** What stopped an answer, for vLLM's {@code stop_reason}. */
public sealed interface StopCause {

    /** The model's own end of sequence; {@code stop_reason} is null. */
    record EndOfSequence() implements StopCause {}

    /** A token of {@code stop_token_ids}. */
    record StopToken(int id) implements StopCause {}

    /** A string of {@code stop}. */
    record StopString(String text) implements StopCause {}

    /** Budget or context used up. */
    record Budget() implements StopCause {}
}
