package dev.cairn.core.route;

/** What an {@link EventFeed} wants done; the answers are its events. */
public sealed interface FeedCommand {

    /** Who it is about, by number. */
    int worker();

    /** Ask the worker for its batches from a sequence number on, as far as it kept them. */
    record Replay(int worker, long fromSequence) implements FeedCommand {}

    /** Ask the worker for the digests of what it holds in each tier, and as of which batch. */
    record AskDigests(int worker) implements FeedCommand {}

    /** Ask the worker for the keys of a range that it holds in a tier, and as of which batch. */
    record AskKeys(int worker, int tier, int range) implements FeedCommand {}
}
