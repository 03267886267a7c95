package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * What all chunks of an answer say alike.
 *
 * @param created seconds since 1970
 */
record AnswerHead(String id, long created, String model) {

    JsonValue.Builder open(String object) {
        return JsonObject.builder()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", model);
    }
}
