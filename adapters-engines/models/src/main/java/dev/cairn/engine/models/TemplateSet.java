package dev.cairn.engine.models;

import dev.cairn.engine.models.files.ConfigObject;
import dev.cairn.engine.models.files.MappedFile;
import dev.cairn.engine.models.template.ChatTemplate;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chat templates that a model brings, by name; {@code "default"} is the one that is used,
 * {@code "tool_use"} where there are tools.
 */
record TemplateSet(Map<String, String> sources) {

    static final TemplateSet NONE = new TemplateSet(Map.of());

    TemplateSet {
        sources = Map.copyOf(sources);
    }

    static TemplateSet of(Optional<String> template) {
        return template.map(source -> new TemplateSet(Map.of("default", source))).orElse(NONE);
    }

    /**
     * Reads {@code chat_template.jinja}, else {@code chat_template} of the tokenizer's
     * configuration.
     */
    static TemplateSet read(Path folder, Optional<ConfigObject> tokenizerConfig) {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            return of(Optional.of(MappedFile.text(file, ChatTemplate.MAX_SOURCE)));
        }
        JsonValue value =
                tokenizerConfig.map(config -> config.members().get("chat_template")).orElse(null);
        return switch (value) {
            case JsonString(String source) -> of(Optional.of(source));
            case JsonArray(List<JsonValue> entries) ->
                    named(entries, tokenizerConfig.orElseThrow().file());
            case null, default -> NONE;
        };
    }

    private static TemplateSet named(List<JsonValue> entries, String file) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (JsonValue entry : entries) {
            if (!(entry instanceof JsonObject template)
                    || !(template.member("name") instanceof JsonString(String name))
                    || !(template.member("template") instanceof JsonString(String source))) {
                throw new ModelException(
                        file
                                + ": chat_template must be a string or a list of objects with name and template");
            }
            sources.put(name, source);
        }
        return new TemplateSet(sources);
    }

    /** The source for a conversation with or without tools. */
    Optional<String> choose(boolean tools) {
        String source = tools ? sources.get("tool_use") : null;
        return Optional.ofNullable(source == null ? sources.get("default") : source);
    }
}
