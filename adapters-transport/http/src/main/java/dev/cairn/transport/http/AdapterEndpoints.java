package dev.cairn.transport.http;

import dev.cairn.ports.request.AdapterService;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * vLLM's {@code /v1/load_lora_adapter} and {@code /v1/unload_lora_adapter}. Both answer a line of
 * text when it is done. Immutable.
 */
record AdapterEndpoints(InferenceService service) {

    private static final String TEXT = "text/plain; charset=utf-8";

    void load(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        String name = required(fields, "lora_name");
        String path = required(fields, "lora_path");
        boolean replace = fields.flag("load_inplace", false);
        exchange.report(fields.unread());
        adapters().load(name, path, replace);
        reply(exchange, name, "added");
    }

    void unload(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        String name = required(fields, "lora_name");
        exchange.report(fields.unread());
        adapters().unload(name);
        reply(exchange, name, "removed");
    }

    private static void reply(Exchange exchange, String name, String done) {
        exchange.reply(
                200,
                TEXT,
                "Success: LoRA adapter '" + Echo.of(name) + "' " + done + " successfully.");
    }

    private static String required(Fields fields, String field) {
        return fields.text(field)
                .filter(text -> !text.isBlank())
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        new RequestProblem(
                                                Category.INVALID,
                                                field + " must be given",
                                                Optional.of(field),
                                                "missing_required_parameter",
                                                OptionalLong.empty())));
    }

    private AdapterService adapters() {
        return service.adapters()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_SERVED,
                                                "not_served",
                                                "no model here takes LoRA adapters; start with"
                                                        + " --lora NAME=PATH, or set"
                                                        + " cairn.lora.folder")));
    }
}
