package dev.cairn.transport.http;

/**
 * Whether and how an answer is streamed.
 *
 * @param on OpenAI's {@code stream}
 * @param includeUsage {@code stream_options.include_usage}: a last chunk with the usage of all, and
 *     {@code usage: null} on the others
 * @param continuousUsage vLLM's {@code continuous_usage_stats}: the usage so far on every chunk
 */
record Streaming(boolean on, boolean includeUsage, boolean continuousUsage) {

    static Streaming read(Fields fields) {
        boolean on = fields.flag("stream", false);
        var options = fields.child("stream_options");
        if (options.isPresent() && !on) {
            throw fields.invalid("stream_options", "is allowed only when stream is true");
        }
        boolean includeUsage = options.map(o -> o.flag("include_usage", false)).orElse(false);
        boolean continuous =
                options.map(o -> o.flag("continuous_usage_stats", false)).orElse(false);
        return new Streaming(on, includeUsage, includeUsage && continuous);
    }
}
