package dev.cairn.transport.node;

import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns the frames of one answer into events, and holds them to the request: a worker that lies
 * about choices, counts or order is found out here, before anybody acts on it. One thread.
 */
final class EventReader {

    private static final int[] NO_IDS = {};
    private static final float[] NO_LOGPROBS = {};

    private static final int BARE_BYTES = 4;
    private static final int LEAST_BYTES = 16;
    private static final int TOP_BYTES = 8;

    private final int promptTokens;
    private final boolean scoresPrompt;
    private final int maxTokens;
    private final int[] told;
    private final boolean[] ended;
    private final List<GeneratedToken> prompt = new ArrayList<>();
    private int choicesLeft;
    private boolean promptDone;
    private boolean over;

    EventReader(GenerationRequest request) {
        this.promptTokens = request.prompt().length;
        this.scoresPrompt = request.promptLogprobs() >= 0;
        this.maxTokens = request.stop().maxTokens();
        this.told = new int[request.choices()];
        this.ended = new boolean[request.choices()];
        this.choicesLeft = request.choices();
        this.promptDone = request.continuation().told();
        for (Continuation.Begun begun : request.continuation().choices()) {
            told[begun.choice()] = begun.tokens().length;
            ended[begun.choice()] = begun.hasEnded();
            choicesLeft -= begun.hasEnded() ? 1 : 0;
        }
    }

    /** Whether the last event has been read. */
    boolean isOver() {
        return over;
    }

    /**
     * Reads a frame.
     *
     * @return null if it says nothing, or nothing that this version knows
     * @throws ProtocolException if it cannot be
     */
    TokenEvent read(int type, Payload payload) throws ProtocolException {
        if (over) {
            throw new ProtocolException("frame " + type + " comes after the end");
        }
        return switch (type) {
            case NodeProtocol.PROMPT_TOKENS -> promptTokens(payload);
            case NodeProtocol.PROMPT_DONE -> promptDone(payload);
            case NodeProtocol.TOKENS -> tokens(payload);
            case NodeProtocol.CHOICE_ENDED -> choiceEnded(payload);
            case NodeProtocol.ENDED -> ended(payload);
            case NodeProtocol.FAILED -> last(failed(payload));
            case NodeProtocol.INTERRUPTED -> last(new TokenEvent.Interrupted(payload.getText()));
            default -> null;
        };
    }

    private TokenEvent last(TokenEvent event) {
        over = true;
        return event;
    }

    private TokenEvent promptTokens(Payload payload) throws ProtocolException {
        payload.getInt();
        List<GeneratedToken> tokens = list(payload);
        if (prompt.isEmpty()) {
            prompt.add(null);
        }
        prompt.addAll(tokens);
        if (promptDone || !scoresPrompt || prompt.size() > promptTokens) {
            throw new ProtocolException("log-probabilities of the prompt that nobody asked for");
        }
        return null;
    }

    private TokenEvent promptDone(Payload payload) throws ProtocolException {
        int cached = payload.getCount(promptTokens, "cached tokens");
        int scored = payload.getCount(promptTokens, "scored tokens");
        if (scored == 1 && scoresPrompt && prompt.isEmpty()) {
            prompt.add(null);
        }
        if (promptDone || prompt.size() != scored || (scoresPrompt && scored != promptTokens)) {
            throw new ProtocolException(
                    "%d of %d tokens of the prompt are scored"
                            .formatted(prompt.size(), promptTokens));
        }
        promptDone = true;
        return new TokenEvent.PromptDone(cached, prompt);
    }

    private TokenEvent tokens(Payload payload) throws ProtocolException {
        int choice = choice(payload);
        List<GeneratedToken> tokens = list(payload);
        told[choice] += tokens.size();
        if (told[choice] > maxTokens) {
            throw new ProtocolException(
                    "%d tokens where %d were allowed".formatted(told[choice], maxTokens));
        }
        return new TokenEvent.Tokens(choice, tokens);
    }

    private int choice(Payload payload) throws ProtocolException {
        int choice = payload.getCount(ended.length - 1, "a choice");
        if (!promptDone || ended[choice]) {
            throw new ProtocolException(
                    "choice %d is told of %s"
                            .formatted(choice, promptDone ? "after its end" : "before the prompt"));
        }
        return choice;
    }

    private static List<GeneratedToken> list(Payload payload) throws ProtocolException {
        boolean bare = payload.getByte() == NodeProtocol.WITHOUT_LOGPROBS;
        int count = payload.getCountOf(bare ? BARE_BYTES : LEAST_BYTES, "tokens");
        if (count == 1) {
            return List.of(token(payload, bare));
        }
        List<GeneratedToken> tokens = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tokens.add(token(payload, bare));
        }
        return tokens;
    }

    private static GeneratedToken token(Payload payload, boolean bare) throws ProtocolException {
        int id = payload.getCount(Integer.MAX_VALUE, "a token");
        if (bare) {
            return new GeneratedToken(id, Float.NaN, 0, NO_IDS, NO_LOGPROBS);
        }
        float logprob = payload.getFloat();
        int rank = payload.getCount(Integer.MAX_VALUE, "a rank");
        int top = payload.getCountOf(TOP_BYTES, "likeliest tokens");
        if (top == 0) {
            return new GeneratedToken(id, logprob, rank, NO_IDS, NO_LOGPROBS);
        }
        int[] ids = new int[top];
        float[] logprobs = new float[top];
        for (int i = 0; i < top; i++) {
            ids[i] = payload.getInt();
            logprobs[i] = payload.getFloat();
        }
        return new GeneratedToken(id, logprob, rank, ids, logprobs);
    }

    private TokenEvent choiceEnded(Payload payload) throws ProtocolException {
        int choice = choice(payload);
        FinishReason reason = Words.reason(payload.getByte());
        int code = payload.getByte();
        StopCause cause =
                switch (code) {
                    case 0 -> new StopCause.EndOfSequence();
                    case 1 -> new StopCause.StopToken(payload.getInt());
                    case 2 -> new StopCause.StopString(payload.getText());
                    case 3 -> new StopCause.Budget();
                    default -> throw new ProtocolException("no cause has the number " + code);
                };
        String text = payload.getByte() == 0 ? null : payload.getText();
        ended[choice] = true;
        choicesLeft--;
        return new TokenEvent.ChoiceEnded(choice, reason, cause, text);
    }

    private TokenEvent ended(Payload payload) throws ProtocolException {
        if (choicesLeft > 0) {
            throw new ProtocolException("it ends while %d choices do not".formatted(choicesLeft));
        }
        int most = Integer.MAX_VALUE;
        return last(
                new TokenEvent.Ended(
                        new Usage(
                                payload.getCount(most, "prompt tokens"),
                                payload.getCount(most, "completion tokens"),
                                payload.getCount(most, "cached tokens"),
                                payload.getCount(most, "reasoning tokens"))));
    }

    private static TokenEvent failed(Payload payload) throws ProtocolException {
        RequestProblem.Category category = Words.category(payload.getText());
        String code = payload.getText();
        String message = payload.getText();
        String parameter = payload.getText();
        long retryAfter = payload.getLong();
        return new TokenEvent.Failed(
                new RequestProblem(
                        category,
                        message,
                        parameter.isEmpty() ? Optional.empty() : Optional.of(parameter),
                        code,
                        retryAfter < 0 ? OptionalLong.empty() : OptionalLong.of(retryAfter)));
    }
}
