package dev.cairn.core.request;

import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.StopConditions;
import java.util.List;
import java.util.stream.Stream;

/** When the answers of a call end, validated. */
final class StopResolution {

    private StopResolution() {}

    /**
     * @param room tokens that fit after the prompt, at least 1
     * @throws dev.cairn.ports.request.RequestRefused naming the field and the value
     */
    static StopConditions resolve(
            GenerationCall call, Served.Generation model, int room, RequestLimits limits) {
        int maxTokens = call.maxTokens().orElse(room);
        int minTokens = call.minTokens().orElse(0);
        Field.check(maxTokens >= 1, "max_tokens", "be at least 1", maxTokens);
        Field.check(minTokens >= 0, "min_tokens", "be at least 0", minTokens);
        Field.check(
                minTokens <= maxTokens,
                "min_tokens",
                "be at most max_tokens, which is " + maxTokens,
                minTokens);
        checkStrings(call.stop(), limits);
        for (int id : call.stopTokenIds()) {
            Field.tokenId("stop_token_ids", id, model.vocabularySize());
        }
        return new StopConditions(
                maxTokens,
                minTokens,
                call.stop().stream().distinct().toList(),
                call.stopTokenIds(),
                call.ignoreEndOfSequence() ? List.of() : endOfSequence(model),
                call.includeStopString(),
                call.skipSpecialTokens());
    }

    private static List<Integer> endOfSequence(Served.Generation model) {
        TextCodec codec = model.codec();
        GenerationDefaults defaults = model.defaults();
        return Stream.concat(
                        defaults.endOfSequenceIds().stream(), codec.endOfSequenceIds().stream())
                .filter(id -> id >= 0 && id < model.vocabularySize())
                .distinct()
                .toList();
    }

    private static void checkStrings(List<String> strings, RequestLimits limits) {
        Field.check(
                strings.size() <= StopConditions.MAX_STRINGS,
                "stop",
                "have at most " + StopConditions.MAX_STRINGS + " strings",
                strings.size());
        for (String string : strings) {
            if (string.isEmpty()) {
                throw Field.refused("stop", "stop must have no empty string");
            }
            Field.check(
                    string.length() <= limits.maxStopLength(),
                    "stop",
                    "have strings of at most " + limits.maxStopLength() + " characters",
                    string.length());
        }
    }
}
