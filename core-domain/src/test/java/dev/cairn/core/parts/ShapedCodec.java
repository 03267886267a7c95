package dev.cairn.core.parts;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Optional;

/** Bytes as tokens, some marks as special ones, and a chat template that writes calls. */
public final class ShapedCodec extends ByteCodec {

    private final Template template;
    private final int words;

    /** Writes an assistant's calls. */
    public interface Template {

        /**
         * @param arguments JSON text of each call
         */
        String render(List<String> names, List<String> arguments);
    }

    public ShapedCodec(Template template, String... marks) {
        super(false, marks);
        this.template = template;
        this.words = marks.length;
    }

    @Override
    public boolean isSpecial(int id) {
        return super.isSpecial(id) || (id >= FIRST_WORD && id < FIRST_WORD + words);
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.of("of the test");
    }

    @Override
    public String render(Conversation conversation) {
        JsonObject last = conversation.messages().getLast();
        if (!(last.member("tool_calls") instanceof JsonArray(var calls))) {
            return ((JsonString) last.member("content")).value();
        }
        return template.render(
                calls.stream().map(call -> member(call, "name")).toList(),
                calls.stream().map(call -> member(call, "arguments")).toList());
    }

    private static String member(JsonValue call, String name) {
        var function = (JsonObject) ((JsonObject) call).member("function");
        return ((JsonString) function.member(name)).value();
    }

    static JsonObject object(String text) {
        return (JsonObject) JsonReader.read(text);
    }
}
