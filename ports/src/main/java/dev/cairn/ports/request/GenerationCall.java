package dev.cairn.ports.request;

import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A request as a front end understood it: fields that the client left out are empty, so that the
 * model's defaults apply (request before {@code generation_config.json} before OpenAI's defaults).
 * The core validates every value and names the field by its OpenAI name.
 *
 * @param id unique among live requests; front ends make it
 * @param model as the client named it
 * @param choices OpenAI's {@code n}
 * @param maxTokens empty = rest of the context for chat, 16 for completions (the front end fills
 *     that in)
 * @param topLogprobs most likely tokens per generated token; empty = no log-probabilities, 0 =
 *     those of the chosen alone
 * @param promptLogprobs the same for the prompt; forces its computation
 * @param truncatePromptTokens keep only this many of the prompt's last tokens
 * @param skipSpecialTokens whether special tokens are left out of the text
 * @param shape what parts the answer has
 * @param beams beam search instead of sampling; {@code choices} best answers are given
 * @param tenant digest of the caller's API key; empty = none. After a colon, a digest of the salt
 *     that the caller wants its cached blocks to have: it shares no blocks with other salts, but an
 *     account
 * @param session that the client says the request belongs to, for routers that keep sessions
 *     together; empty = none
 * @param timeoutMillis after which the request is refused if it has not begun; empty = never
 */
public record GenerationCall(
        String id,
        String model,
        Prompt prompt,
        int choices,
        OptionalInt maxTokens,
        OptionalInt minTokens,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalInt topK,
        OptionalDouble minP,
        OptionalDouble presencePenalty,
        OptionalDouble frequencyPenalty,
        OptionalDouble repetitionPenalty,
        OptionalLong seed,
        Map<Integer, Float> logitBias,
        Optional<List<Integer>> allowedTokenIds,
        List<String> badWords,
        List<String> stop,
        List<Integer> stopTokenIds,
        boolean ignoreEndOfSequence,
        boolean includeStopString,
        boolean skipSpecialTokens,
        OptionalInt topLogprobs,
        OptionalInt promptLogprobs,
        OptionalInt truncatePromptTokens,
        AnswerShape shape,
        Optional<BeamSearch> beams,
        int priority,
        String tenant,
        String session,
        OptionalLong timeoutMillis,
        TraceContext trace) {}
