package dev.cairn.engine.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.TextCodec.TemplateException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConversationRendererTest {

    private static final String PLAIN =
            "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    private static final String WITH_PARTS =
            "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}[{{ p.text }}]{% endfor %}{% endif %}{% endfor %}";

    private static String render(String template, String conversation) {
        return new ConversationRenderer(
                        TemplateSet.of(Optional.of(template)), Map.of("bos_token", "<s>"))
                .render(OracleFolder.conversation((JsonObject) JsonReader.read(conversation)));
    }

    @Test
    void partsAreJoinedForTemplatesThatTakeStringsAlone() {
        String conversation =
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"a\"}, {\"type\": \"text\", \"text\": \"b\"}]}]}";
        assertThat(render(PLAIN, conversation)).isEqualTo("<s><user>a\nb<assistant>");
        assertThat(render(WITH_PARTS, conversation)).isEqualTo("[a][b]");
    }

    @Test
    void partsWithoutTextAreRefusedWhereTheTemplateTakesTextAlone() {
        String conversation =
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}";
        assertThatThrownBy(() -> render(PLAIN, conversation))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("a part that is no text");
    }

    @Test
    void argumentsOfToolCallsReachTheTemplateAsObjects() {
        String template =
                "{% for m in messages %}{% for c in m.tool_calls %}{{ c.function.arguments.a }}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}";
        String call =
                "{\"messages\": [{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"function\": {\"name\": \"f\", \"arguments\": %s}}]}]}";
        assertThat(render(template, call.formatted("\"{\\\"a\\\": 1.0}\"")))
                .isEqualTo("1.0{\"a\": 1.0}");
        assertThat(render(template, call.formatted("\"\""))).isEqualTo("{}");
        assertThatThrownBy(() -> render(template, call.formatted("\"{oops\"")))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("the arguments of a tool call are no JSON");
    }

    @Test
    void nullMembersAndEmptyToolCallsAreAsIfAbsent() {
        String template =
                "{% for m in messages %}{{ 'content' in m }}{{ m.tool_calls is defined }}{% endfor %}";
        assertThat(
                        render(
                                template,
                                "{\"messages\": [{\"role\": \"assistant\", \"content\": null, \"tool_calls\": []}]}"))
                .isEqualTo("FalseFalse");
    }

    @Test
    void reasoningIsKnownByEachOfItsNames() {
        String template =
                "{% for m in messages %}{{ m.reasoning_content }}|{{ m.thinking }}{% endfor %}";
        for (String name : new String[] {"reasoning", "reasoning_content", "thinking"}) {
            assertThat(
                            render(
                                    template,
                                    "{\"messages\": [{\"role\": \"assistant\", \""
                                            + name
                                            + "\": \"hm\"}]}"))
                    .isEqualTo("hm|hm");
        }
    }

    @Test
    void theFinalMessageStaysOpen() {
        String open =
                "{\"continue_final_message\": true, \"add_generation_prompt\": false, \"messages\": [{\"role\": \"user\", \"content\": \"a\"},"
                        + " {\"role\": \"assistant\", \"content\": \"b  \"}]}";
        assertThat(render(PLAIN + "<end>", open)).isEqualTo("<s><user>a<assistant>b  ");
        String trimming =
                "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<end>{% endfor %}";
        assertThat(render(trimming, open)).isEqualTo("<user>a<end><assistant>b");
        assertThatThrownBy(
                        () ->
                                render(
                                        "{% for m in messages %}{{ m.role }}{% endfor %}content",
                                        open))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("does not appear");
        assertThatThrownBy(
                        () ->
                                render(
                                        PLAIN,
                                        open.replace(
                                                "\"add_generation_prompt\": false",
                                                "\"add_generation_prompt\": true")))
                .hasMessageContaining("exclude each other");
    }

    @Test
    void requestsBringVariablesAndTemplates() {
        assertThat(
                        render(
                                PLAIN,
                                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"chat_template\": \"{{ x }}{{ tools | length }}\","
                                        + " \"chat_template_kwargs\": {\"x\": [1, null]}, \"tools\": [{\"type\": \"function\"}]}"))
                .isEqualTo("[1, None]1");
        assertThatThrownBy(
                        () ->
                                render(
                                        PLAIN,
                                        "{\"messages\": [{\"role\": \"user\"}], \"chat_template\": \"\\n{{ x\"}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void whatCannotBeRenderedIsRefused() {
        assertThatThrownBy(() -> render(PLAIN, "{\"messages\": []}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("at least one message");
        assertThatThrownBy(
                        () ->
                                new ConversationRenderer(TemplateSet.NONE, Map.of())
                                        .render(
                                                OracleFolder.conversation(
                                                        (JsonObject)
                                                                JsonReader.read(
                                                                        "{\"messages\": [{\"role\": \"user\"}]}"))))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("no chat template");
    }

    @Test
    void toolsChooseTheirTemplate() {
        var templates = new TemplateSet(Map.of("default", "plain", "tool_use", "tools"));
        var renderer = new ConversationRenderer(templates, Map.of());
        String messages = "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]";
        assertThat(
                        renderer.render(
                                OracleFolder.conversation(
                                        (JsonObject) JsonReader.read("{" + messages + "}"))))
                .isEqualTo("plain");
        assertThat(
                        renderer.render(
                                OracleFolder.conversation(
                                        (JsonObject)
                                                JsonReader.read(
                                                        "{"
                                                                + messages
                                                                + ", \"tools\": [{\"type\": \"function\"}]}"))))
                .isEqualTo("tools");
    }
}
