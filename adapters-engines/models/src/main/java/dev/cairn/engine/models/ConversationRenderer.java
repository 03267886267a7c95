package dev.cairn.engine.models;

import dev.cairn.engine.models.template.ChatTemplate;
import dev.cairn.engine.models.template.JinjaException;
import dev.cairn.engine.models.template.PythonText;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.model.TextCodec.TemplateException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Renders conversations as {@code apply_chat_template} of Hugging Face transformers 5 does, with
 * what a server adds: a tool call's arguments come as JSON text and go to the template as an
 * object, and parts of a content are joined for templates that know strings alone.
 *
 * <p>Threads: safe for concurrent use.
 */
final class ConversationRenderer {

    /** As transformers: its blank at the end tells whether the template trimmed the message. */
    private static final String CONTINUATION_TAG = "CONTINUE_FINAL_MESSAGE_TAG ";

    private static final String PROBE = "content-part-probe";

    private final TemplateSet templates;
    private final Map<String, String> specialTokens;

    /** Compiled templates of the model; those that clients send are compiled each time. */
    private final Map<String, Prepared> prepared = new ConcurrentHashMap<>();

    private record Prepared(ChatTemplate template, boolean takesParts) {}

    ConversationRenderer(TemplateSet templates, Map<String, String> specialTokens) {
        this.templates = templates;
        this.specialTokens = specialTokens;
    }

    Optional<String> defaultTemplate() {
        return templates.choose(false);
    }

    /**
     * @throws TemplateException if there is no template, it is malformed, or it refuses the
     *     conversation
     */
    String render(Conversation conversation) {
        requireRenderable(conversation);
        try {
            Prepared template = template(conversation);
            List<Map<String, Object>> messages =
                    Messages.of(conversation.messages(), template.takesParts());
            Map<String, Object> variables = variables(conversation);
            variables.put("messages", messages);
            if (!conversation.continueFinalMessage()) {
                return template.template().render(variables, Clock.systemDefaultZone());
            }
            String finalText = markFinalMessage(messages, template.template().source());
            return continued(
                    template.template().render(variables, Clock.systemDefaultZone()), finalText);
        } catch (JinjaException e) {
            throw new TemplateException(e.getMessage(), e);
        }
    }

    private static void requireRenderable(Conversation conversation) {
        if (conversation.messages().isEmpty()) {
            throw new TemplateException("messages must hold at least one message");
        }
        if (conversation.continueFinalMessage() && conversation.addGenerationPrompt()) {
            throw new TemplateException(
                    "continue_final_message and add_generation_prompt exclude each other");
        }
    }

    private Prepared template(Conversation conversation) {
        if (conversation.template().isPresent()) {
            return prepare(conversation.template().get());
        }
        String source =
                templates
                        .choose(!conversation.tools().isEmpty())
                        .orElseThrow(
                                () ->
                                        new TemplateException(
                                                "the model has no chat template; send chat_template, or a plain prompt to /v1/completions"));
        return prepared.computeIfAbsent(source, this::prepare);
    }

    private Prepared prepare(String source) {
        ChatTemplate template = ChatTemplate.compile(source);
        return new Prepared(template, source.contains("is iterable") || walksParts(template));
    }

    /** Whether a text part comes out as text, found by trying. */
    private boolean walksParts(ChatTemplate template) {
        Map<String, Object> variables = new HashMap<>(specialTokens);
        variables.put(
                "messages",
                List.of(
                        Map.of(
                                "role",
                                "user",
                                "content",
                                List.of(Map.of("type", "text", "text", PROBE)))));
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("add_generation_prompt", true);
        try {
            String rendered = template.render(variables, Clock.systemDefaultZone());
            return rendered.contains(PROBE)
                    && !rendered.contains("'" + PROBE + "'")
                    && !rendered.contains("\"" + PROBE + "\"");
        } catch (JinjaException takesStringsAlone) {
            return false;
        }
    }

    private Map<String, Object> variables(Conversation conversation) {
        Map<String, Object> variables = new HashMap<>(specialTokens);
        variables.put("documents", null);
        conversation
                .arguments()
                .members()
                .forEach((name, value) -> variables.put(name, Messages.plain(value)));
        List<Object> tools = new ArrayList<>();
        conversation.tools().forEach(tool -> tools.add(Messages.plain(tool)));
        variables.put("tools", tools.isEmpty() ? null : tools);
        variables.put("add_generation_prompt", conversation.addGenerationPrompt());
        return variables;
    }

    /** Puts the tag behind the last message's text and gives that text as it was. */
    private static String markFinalMessage(List<Map<String, Object>> messages, String source) {
        Map<String, Object> last = new LinkedHashMap<>(messages.removeLast());
        messages.add(last);
        Object content = last.get("content");
        if (content == null || !source.contains("content")) {
            throw new TemplateException(
                    "continue_final_message is set but the final message has no content to continue");
        }
        if (content instanceof String text) {
            last.put("content", text + CONTINUATION_TAG);
            return text;
        }
        List<Object> parts = new ArrayList<>((List<?>) content);
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (parts.get(i) instanceof Map<?, ?> part && part.get("text") instanceof String text) {
                Map<Object, Object> marked = new LinkedHashMap<>(part);
                marked.put("text", text + CONTINUATION_TAG);
                parts.set(i, marked);
                last.put("content", parts);
                return text;
            }
        }
        throw new TemplateException(
                "continue_final_message is set but the final message has no text to continue");
    }

    private static String continued(String rendered, String finalText) {
        String tag = CONTINUATION_TAG.strip();
        int at = rendered.lastIndexOf(tag);
        if (at < 0 || !rendered.contains(PythonText.strip(finalText, null))) {
            throw new TemplateException(
                    "continue_final_message is set but the final message does not appear in the rendered"
                            + " conversation: the template drops or rewrites parts of it");
        }
        boolean kept = rendered.startsWith(CONTINUATION_TAG, at);
        return kept
                ? rendered.substring(0, at)
                : PythonText.stripRight(rendered.substring(0, at), null);
    }
}
