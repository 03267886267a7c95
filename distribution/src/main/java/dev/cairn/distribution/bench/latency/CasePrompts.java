package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.prompt.PromptSet;
import dev.cairn.distribution.bench.prompt.PromptShape;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import java.util.List;

/** Prompts of one length, no two alike. */
final class CasePrompts {

    private CasePrompts() {}

    static List<List<Message>> of(ServerUnderTest server, int count, int tokens, long seed) {
        PromptShape shape = new PromptShape(count, tokens, 1, 1, 1, 1, 0, seed);
        return PromptSet.FIXED.generate(shape, server.writer()).stream()
                .map(session -> session.turns().getFirst().messages())
                .toList();
    }
}
