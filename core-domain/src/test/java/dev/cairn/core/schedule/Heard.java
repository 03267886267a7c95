package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Hears a request, and holds the backend to the order of events that the port promises. */
final class Heard implements TokenListener {

    private final GenerationRequest request;
    private final List<List<GeneratedToken>> tokens = new ArrayList<>();
    private final TokenEvent.ChoiceEnded[] ends;
    private TokenEvent.PromptDone promptDone;
    private Usage usage;
    private RequestProblem problem;
    private String interrupted;

    Heard(GenerationRequest request) {
        this.request = request;
        this.ends = new TokenEvent.ChoiceEnded[request.choices()];
        for (int i = 0; i < request.choices(); i++) {
            tokens.add(new ArrayList<>());
        }
    }

    @Override
    public void on(TokenEvent event) {
        assertThat(isOver()).as("%s after the end of %s", event, request.id()).isFalse();
        switch (event) {
            case TokenEvent.PromptDone done -> {
                assertThat(promptDone).isNull();
                promptDone = done;
            }
            case TokenEvent.Tokens(var choice, var more) -> {
                assertThat(promptDone).as("the prompt before the first token").isNotNull();
                assertThat(ends[choice]).as("no token after a choice's end").isNull();
                tokens.get(choice).addAll(more);
            }
            case TokenEvent.ChoiceEnded end -> {
                assertThat(ends[end.choice()]).isNull();
                ends[end.choice()] = end;
            }
            case TokenEvent.Ended(var used) -> {
                assertThat(ends).doesNotContainNull();
                usage = used;
            }
            case TokenEvent.Failed(var why) -> problem = why;
            case TokenEvent.Interrupted(var why, var _) -> interrupted = why;
        }
    }

    boolean isOver() {
        return usage != null || problem != null || interrupted != null;
    }

    GenerationRequest request() {
        return request;
    }

    List<Integer> ids(int choice) {
        return tokens.get(choice).stream().map(GeneratedToken::id).toList();
    }

    /** Tokens of all choices. */
    List<List<Integer>> ids() {
        List<List<Integer>> ids = new ArrayList<>();
        for (int choice = 0; choice < tokens.size(); choice++) {
            ids.add(ids(choice));
        }
        return ids;
    }

    List<GeneratedToken> tokens(int choice) {
        return tokens.get(choice);
    }

    int tokenCount() {
        return tokens.stream().mapToInt(List::size).sum();
    }

    TokenEvent.ChoiceEnded end(int choice) {
        return ends[choice];
    }

    TokenEvent.PromptDone promptDone() {
        return promptDone;
    }

    Usage usage() {
        return usage;
    }

    /** Why it was cut off; null if it was not. */
    String interrupted() {
        return interrupted;
    }

    RequestProblem problem() {
        return problem;
    }

    /**
     * What a client can tell of an answer; not what it cost. Of a request that failed only why: how
     * far its choices had come by then depends on the batch.
     */
    List<String> answer() {
        if (problem != null) {
            return List.of(problem.toString());
        }
        List<String> answer = new ArrayList<>();
        answer.add("prompt " + texts(promptDone.promptTokens()));
        for (int choice = 0; choice < request.choices(); choice++) {
            answer.add(texts(tokens.get(choice)) + " " + ends[choice]);
        }
        answer.add(usage.promptTokens() + " and " + usage.completionTokens());
        return answer;
    }

    private static List<String> texts(List<GeneratedToken> tokens) {
        List<String> texts = new ArrayList<>();
        for (GeneratedToken token : tokens) {
            texts.add(
                    token == null
                            ? "none"
                            : token.id()
                                    + " "
                                    + token.logprob()
                                    + " "
                                    + token.rank()
                                    + Arrays.toString(token.topIds())
                                    + Arrays.toString(token.topLogprobs()));
        }
        return texts;
    }
}
