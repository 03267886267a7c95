package dev.cairn.transport.node;

import static dev.cairn.transport.node.NodeProtocol.FULL_FRAME;

import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import java.util.List;

/** Turns events into frames. One thread. */
final class EventWriter {

    private final FrameWriter out;

    EventWriter(FrameWriter out) {
        this.out = out;
    }

    void write(TokenEvent event) {
        switch (event) {
            case TokenEvent.PromptDone(int cached, List<GeneratedToken> tokens) ->
                    promptDone(cached, tokens);
            case TokenEvent.Tokens(int choice, List<GeneratedToken> tokens) ->
                    tokens(NodeProtocol.TOKENS, choice, tokens, 0);
            case TokenEvent.ChoiceEnded ended -> choiceEnded(ended);
            case TokenEvent.Ended(Usage usage) -> ended(usage);
            case TokenEvent.Failed(RequestProblem problem) -> failed(problem);
            case TokenEvent.Interrupted(String reason, var _) -> {
                out.begin(NodeProtocol.INTERRUPTED).putText(reason);
                out.end();
            }
        }
    }

    private void promptDone(int cached, List<GeneratedToken> tokens) {
        if (tokens.size() > 1) {
            // The first is null, for nothing comes before it.
            tokens(NodeProtocol.PROMPT_TOKENS, 0, tokens, 1);
        }
        out.begin(NodeProtocol.PROMPT_DONE).putInt(cached).putInt(tokens.size());
        out.end();
    }

    private void tokens(int type, int choice, List<GeneratedToken> tokens, int from) {
        int next = from;
        while (next < tokens.size()) {
            boolean bare = isBare(tokens.get(next));
            out.begin(type).putInt(choice);
            out.putByte(bare ? NodeProtocol.WITHOUT_LOGPROBS : NodeProtocol.WITH_LOGPROBS);
            int countAt = out.position();
            int first = next;
            out.putInt(0);
            while (next < tokens.size()
                    && out.payload() < FULL_FRAME
                    && isBare(tokens.get(next)) == bare) {
                token(tokens.get(next++), bare);
            }
            out.setInt(countAt, next - first);
            out.end();
        }
    }

    private void token(GeneratedToken token, boolean bare) {
        out.putInt(token.id());
        if (bare) {
            return;
        }
        out.putFloat(token.logprob()).putInt(token.rank()).putInt(token.topIds().length);
        for (int i = 0; i < token.topIds().length; i++) {
            out.putInt(token.topIds()[i]).putFloat(token.topLogprobs()[i]);
        }
    }

    private static boolean isBare(GeneratedToken token) {
        return token.rank() == 0 && token.topIds().length == 0 && Float.isNaN(token.logprob());
    }

    private void choiceEnded(TokenEvent.ChoiceEnded ended) {
        out.begin(NodeProtocol.CHOICE_ENDED).putInt(ended.choice());
        out.putByte(Words.code(ended.reason()));
        switch (ended.cause()) {
            case StopCause.EndOfSequence() -> out.putByte(0);
            case StopCause.StopToken(int id) -> out.putByte(1).putInt(id);
            case StopCause.StopString(String text) -> out.putByte(2).putText(text);
            case StopCause.Budget() -> out.putByte(3);
        }
        out.putByte(ended.text() == null ? 0 : 1);
        if (ended.text() != null) {
            out.putText(ended.text());
        }
        out.end();
    }

    private void ended(Usage usage) {
        out.begin(NodeProtocol.ENDED)
                .putInt(usage.promptTokens())
                .putInt(usage.completionTokens())
                .putInt(usage.cachedTokens())
                .putInt(usage.reasoningTokens());
        out.end();
    }

    private void failed(RequestProblem problem) {
        out.begin(NodeProtocol.FAILED)
                .putText(Words.name(problem.category()))
                .putText(problem.code())
                .putText(problem.message())
                .putText(problem.parameter().orElse(""))
                .putLong(problem.retryAfterMillis().orElse(-1));
        out.end();
    }
}
