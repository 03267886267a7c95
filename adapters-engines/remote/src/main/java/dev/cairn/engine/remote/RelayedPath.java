package dev.cairn.engine.remote;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The paths whose requests go on to workers.
 *
 * @param path as clients write it, without a query
 * @param required fields that a body must have
 * @param prompt fields that the answer depends on most, in the order in which engines read them
 * @param generates whether tokens are generated, so that prompt and answer can be had from two
 *     workers
 */
record RelayedPath(String path, List<String> required, List<String> prompt, boolean generates) {

    private static final Map<String, RelayedPath> ALL =
            Stream.of(
                            generating("/v1/chat/completions", "messages", "tools", "messages"),
                            generating("/v1/completions", "prompt", "prompt"),
                            passing("/v1/responses", "input", "instructions", "tools", "input"),
                            passing("/v1/messages", "messages", "system", "tools", "messages"),
                            passing("/v1/embeddings", "input", "input"),
                            passing("/pooling", "input", "input"),
                            passing("/classify", "input", "input"),
                            passing("/v1/score", "text_1", "text_1"),
                            passing("/score", "text_1", "text_1"),
                            passing("/v1/rerank", "query", "query", "documents"),
                            passing("/v2/rerank", "query", "query", "documents"),
                            passing("/rerank", "query", "query", "documents"),
                            new RelayedPath("/tokenize", List.of(), List.of(), false),
                            new RelayedPath("/detokenize", List.of("tokens"), List.of(), false))
                    .collect(Collectors.toMap(RelayedPath::path, path -> path));

    private static RelayedPath generating(String path, String required, String... prompt) {
        return new RelayedPath(path, List.of(required), List.of(prompt), true);
    }

    private static RelayedPath passing(String path, String required, String... prompt) {
        return new RelayedPath(path, List.of(required), List.of(prompt), false);
    }

    /** Whether its prompt can be read for what engines tell of their blocks. */
    boolean isRead() {
        return generates;
    }

    static Optional<RelayedPath> of(String path) {
        return Optional.ofNullable(ALL.get(path));
    }
}
