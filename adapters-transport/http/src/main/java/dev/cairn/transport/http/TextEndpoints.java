package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.InferenceService.Tokenization;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;

/** vLLM's {@code /tokenize} and {@code /detokenize}. Immutable. */
record TextEndpoints(InferenceService service, Conversations conversations) {

    void tokenize(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        Tokenization result = service.tokenize(model(fields), prompt(fields));
        var body =
                JsonObject.builder()
                        .put("count", (long) result.ids().length)
                        .put("max_model_len", (long) result.maxModelLength())
                        .put("tokens", Shapes.ids(result.ids()));
        if (fields.flag("return_token_strs", false)) {
            body.put(
                    "token_strs",
                    JsonValue.array(result.names().stream().map(JsonValue::of).toList()));
        } else {
            body.putNull("token_strs");
        }
        exchange.reply(body.build());
    }

    void detokenize(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        var values =
                fields.list("tokens").orElseThrow(() -> fields.invalid("tokens", "is required"));
        String text = service.detokenize(model(fields), fields.tokenIds("tokens", values));
        exchange.reply(JsonObject.builder().put("prompt", text).build());
    }

    private Prompt prompt(Fields fields) {
        if (fields.has("messages")) {
            return new Prompt.Chat(
                    conversations.read(fields), fields.flag("add_special_tokens", false));
        }
        String text =
                fields.text("prompt")
                        .orElseThrow(
                                () -> fields.invalid("prompt", "is required, or else messages"));
        return new Prompt.Text(text, fields.flag("add_special_tokens", true));
    }

    private String model(Fields fields) {
        return CallFields.model(fields, service.models(), ServedModel.Kind.GENERATION);
    }
}
