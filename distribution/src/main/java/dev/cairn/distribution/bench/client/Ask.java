package dev.cairn.distribution.bench.client;

import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Optional;

/**
 * A request to generate, as it goes over the wire.
 *
 * @param path {@code /v1/chat/completions} or {@code /v1/completions}
 * @param apiKey empty = none is sent
 * @param keepsText whether somebody needs the answer's text
 */
public record Ask(String path, JsonObject body, Optional<String> apiKey, boolean keepsText) {}
