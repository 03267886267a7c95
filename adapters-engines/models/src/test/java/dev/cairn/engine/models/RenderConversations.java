package dev.cairn.engine.models;

import dev.cairn.engine.models.template.ChatTemplate;
import dev.cairn.engine.models.template.JinjaException;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.model.TextCodec.TemplateException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Renders what {@code check_templates.py} sends: a line of JSON for each conversation in, a line
 * with {@code rendered} or {@code error} out. Parts of a content reach the template as they are,
 * because the reference has no other way.
 */
final class RenderConversations {

    private RenderConversations() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(JsonWriter.write(answer((JsonObject) JsonReader.read(line))));
            }
        }
    }

    private static JsonObject answer(JsonObject request) {
        try {
            Conversation conversation =
                    OracleFolder.conversation((JsonObject) request.member("conversation"));
            String source = ((JsonString) request.member("template")).value();
            // Says "is iterable" to the renderer, in a comment that prints nothing: keep the parts.
            Conversation own =
                    new Conversation(
                            conversation.messages(),
                            conversation.tools(),
                            conversation.addGenerationPrompt(),
                            conversation.continueFinalMessage(),
                            conversation.arguments(),
                            Optional.of(
                                    "{# is iterable +#}" + ChatTemplate.compile(source).source()));
            Map<String, String> special = new HashMap<>();
            ((JsonObject) request.member("special_tokens"))
                    .members()
                    .forEach((name, value) -> special.put(name, ((JsonString) value).value()));
            String rendered = new ConversationRenderer(TemplateSet.NONE, special).render(own);
            return JsonObject.builder().put("rendered", rendered).build();
        } catch (TemplateException | JinjaException e) {
            return JsonObject.builder().put("error", e.getMessage()).build();
        } catch (RuntimeException e) {
            return JsonObject.builder()
                    .put("crash", e.toString() + " at " + e.getStackTrace()[0])
                    .build();
        }
    }
}
