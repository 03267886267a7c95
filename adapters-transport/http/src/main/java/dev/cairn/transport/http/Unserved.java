package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Map;

/**
 * Fields that would change the answer and that Cairn does not serve yet. To ignore them would give
 * answers that break a promise which the client believes was made; so they are refused by name.
 */
final class Unserved {

    /** Field to what a client may do instead. */
    private static final Map<String, String> FIELDS =
            Map.ofEntries(
                    Map.entry(
                            "logits_processors", "use logit_bias, bad_words or allowed_token_ids"),
                    Map.entry("prompt_embeds", "send the prompt as text or token ids"),
                    Map.entry("thinking_token_budget", "use max_completion_tokens"),
                    Map.entry("kv_transfer_params", "leave it out"),
                    Map.entry("functions", "leave it out"),
                    Map.entry("function_call", "leave it out"),
                    Map.entry("audio", "leave it out: answers are text"));

    private Unserved() {}

    static void refuse(Fields fields) {
        FIELDS.forEach(
                (name, instead) -> {
                    if (fields.has(name)) {
                        throw Problems.notServed(name, name + " is not served yet; " + instead);
                    }
                });
        refuseOtherModalities(fields);
    }

    private static void refuseOtherModalities(Fields fields) {
        fields.value("modalities")
                .ifPresent(
                        value -> {
                            boolean text =
                                    value instanceof JsonArray(var values)
                                            && values.equals(List.of(new JsonString("text")));
                            if (!text) {
                                throw Problems.notServed(
                                        "modalities", "answers are text: send [\"text\"]");
                            }
                        });
    }
}
