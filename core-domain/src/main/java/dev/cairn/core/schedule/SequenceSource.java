package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.model.TextCodec;

/**
 * Makes sequences of one engine.
 *
 * @param maxModelLength most tokens of prompt and answer
 */
record SequenceSource(int vocabulary, TextCodec codec, PrefixCache cache, int maxModelLength) {

    /**
     * @param ordinal counts requests in the order of their coming in
     */
    Sequence of(LiveRequest request, int choice, long ordinal) {
        return new Sequence(
                request,
                choice,
                ordinal,
                vocabulary,
                codec,
                cache.newPrefix(request.request().tenant()),
                maxModelLength);
    }
}
