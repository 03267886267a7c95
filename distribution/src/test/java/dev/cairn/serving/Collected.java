package dev.cairn.serving;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.TokenReport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What became of a call with one choice.
 *
 * @param prompt reports on the prompt's tokens, the first null; empty if not asked for
 * @param tokens of the answer
 */
record Collected(List<TokenReport> prompt, List<TokenReport> tokens, String text) {

    List<Integer> ids() {
        return tokens.stream().map(TokenReport::id).toList();
    }

    static CompletableFuture<Collected> start(InferenceService service, GenerationCall call) {
        var future = new CompletableFuture<Collected>();
        List<TokenReport> prompt = new ArrayList<>();
        List<TokenReport> tokens = new ArrayList<>();
        var text = new StringBuilder();
        service.generate(
                call,
                event -> {
                    switch (event) {
                        case AnswerEvent.Started started -> prompt.addAll(started.promptTokens());
                        case AnswerEvent.Delta delta -> {
                            tokens.addAll(delta.tokens());
                            text.append(delta.text());
                        }
                        case AnswerEvent.ChoiceEnded _ -> {}
                        case AnswerEvent.Ended _ ->
                                future.complete(new Collected(prompt, tokens, text.toString()));
                        case AnswerEvent.Failed failed ->
                                future.completeExceptionally(
                                        new AssertionError(failed.problem().message()));
                    }
                });
        return future;
    }
}
