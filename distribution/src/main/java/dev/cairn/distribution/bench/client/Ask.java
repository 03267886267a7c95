package dev.cairn.distribution.bench.client;

import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * A request to generate, as it goes over the wire.
 *
 * @param path {@code /v1/chat/completions} or {@code /v1/completions}
 * @param apiKey empty = none is sent
 * @param headers further ones
 * @param keepsText whether somebody needs the answer's text
 */
public record Ask(
        String path,
        JsonObject body,
        Optional<String> apiKey,
        Map<String, String> headers,
        boolean keepsText) {

    public Ask {
        headers = Map.copyOf(headers);
    }

    /** The same with one header and no other. */
    public Ask withHeader(String name, String value) {
        return new Ask(path, body, apiKey, Map.of(name, value), keepsText);
    }
}
