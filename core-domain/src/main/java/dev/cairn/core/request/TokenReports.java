package dev.cairn.core.request;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.TokenReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Tokens with their text and bytes, for clients. Threads: any. */
final class TokenReports {

    private static final byte[] NO_BYTES = {};

    private final TextCodec codec;

    TokenReports(TextCodec codec) {
        this.codec = codec;
    }

    TokenReport of(GeneratedToken token) {
        List<TokenReport> top = List.of();
        if (token.topIds().length > 0) {
            top = new ArrayList<>(token.topIds().length);
            for (int i = 0; i < token.topIds().length; i++) {
                top.add(bare(token.topIds()[i], token.topLogprobs()[i], i + 1, List.of()));
            }
        }
        return bare(token.id(), token.logprob(), token.rank(), top);
    }

    /** Reports of a prompt, whose first token has none. */
    List<TokenReport> ofPrompt(List<GeneratedToken> tokens) {
        List<TokenReport> reports = new ArrayList<>(tokens.size());
        for (GeneratedToken token : tokens) {
            reports.add(token == null ? null : of(token));
        }
        return Collections.unmodifiableList(reports);
    }

    private TokenReport bare(int id, float logprob, int rank, List<TokenReport> top) {
        // A padded vocabulary has ids that the tokenizer does not know.
        byte[] bytes = id < codec.vocabularySize() ? codec.tokenBytes(id) : NO_BYTES;
        String text = new String(bytes, StandardCharsets.UTF_8);
        return new TokenReport(id, text, bytes, logprob, rank, top);
    }
}
