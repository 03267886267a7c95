package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.AnyText;
import dev.cairn.ports.request.OutputFormat.Choice;
import dev.cairn.ports.request.OutputFormat.Constant;
import dev.cairn.ports.request.OutputFormat.Ebnf;
import dev.cairn.ports.request.OutputFormat.JsonObject;
import dev.cairn.ports.request.OutputFormat.JsonSchema;
import dev.cairn.ports.request.OutputFormat.OneOf;
import dev.cairn.ports.request.OutputFormat.Regex;
import dev.cairn.ports.request.OutputFormat.SeparatedTags;
import dev.cairn.ports.request.OutputFormat.Sequence;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.OutputFormat.TriggeredTags;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatFieldsTest {

    private static final JsonSchema NUMBER = new JsonSchema(json("{'type':'number'}"));

    @Test
    void plainTextHasNoFormat() {
        assertThat(chat("{'response_format':{'type':'text'}}").format()).isEmpty();
        assertThat(chat("{}").format()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'response_format':{'type':'json_schema',"
                        + "'json_schema':{'name':'n','strict':true,'schema':{'type':'number'}}}}",
                "{'structured_outputs':{'json':{'type':'number'}}}",
                "{'structured_outputs':{'json':'{\\\"type\\\":\\\"number\\\"}'}}",
                "{'structured_outputs':{'json':{'type':'number'},'regex':null,"
                        + "'disable_any_whitespace':false,'disable_fallback':true}}",
                "{'guided_json':{'type':'number'}}"
            })
    void aSchemaHasManySpellings(String body) {
        assertThat(chat(body).format()).contains(NUMBER);
        assertThat(completion(body).format()).contains(NUMBER);
    }

    @Test
    void everyKindIsReadWithTheFieldThatAskedForIt() {
        read(
                "{'response_format':{'type':'json_object'}}",
                new JsonObject(),
                "response_format.type");
        read(
                "{'structured_outputs':{'json_object':true}}",
                new JsonObject(),
                "structured_outputs.json_object");
        read("{'structured_outputs':{'regex':'a+'}}", new Regex("a+"), "structured_outputs.regex");
        read(
                "{'structured_outputs':{'choice':['a','b']}}",
                new Choice(List.of("a", "b")),
                "structured_outputs.choice");
        read(
                "{'structured_outputs':{'grammar':'root ::= x'}}",
                new Ebnf("root ::= x"),
                "structured_outputs.grammar");
        read("{'guided_regex':'a+'}", new Regex("a+"), "guided_regex");
        read("{'guided_choice':['a']}", new Choice(List.of("a")), "guided_choice");
        read("{'guided_grammar':'root ::= x'}", new Ebnf("root ::= x"), "guided_grammar");
    }

    @Test
    void theOlderStructuralTagIsFreeTextWithTriggers() {
        String tag =
                "{'type':'structural_tag','structures':[{'begin':'<f=a>',"
                        + "'schema':{'type':'number'},'end':'</f>'}],'triggers':['<f=']}";
        OutputFormat expected =
                new TriggeredTags(
                        List.of("<f="), List.of(new Tag("<f=a>", NUMBER, "</f>")), false, false);
        read("{'response_format':" + tag + "}", expected, "response_format");
        read(
                "{'structured_outputs':{'structural_tag':" + tag + "}}",
                expected,
                "structured_outputs.structural_tag");
    }

    @Test
    void theNewerStructuralTagIsMadeOfParts() {
        read(
                """
                {'response_format':{'type':'structural_tag','format':{'type':'sequence','elements':[
                  {'type':'const_string','value':'c'},
                  {'type':'any_text'},
                  {'type':'or','elements':[{'type':'regex','pattern':'a'},{'type':'grammar','grammar':'g'}]},
                  {'type':'tag','begin':'<','content':{'type':'json_schema','json_schema':{'type':'number'}},
                   'end':['>']},
                  {'type':'triggered_tags','triggers':['<'],'at_least_one':true,'stop_after_first':true,
                   'excludes':[],'tags':[{'begin':'<a','content':{'type':'any_text'},'end':'>'}]},
                  {'type':'tags_with_separator','separator':',','tags':[
                   {'type':'tag','begin':'<a','content':{'type':'any_text'},'end':'>'}]}]}}}
                """,
                new Sequence(
                        List.of(
                                new Constant("c"),
                                new AnyText(),
                                new OneOf(List.of(new Regex("a"), new Ebnf("g"))),
                                new Tag("<", NUMBER, ">"),
                                new TriggeredTags(
                                        List.of("<"),
                                        List.of(new Tag("<a", new AnyText(), ">")),
                                        true,
                                        true),
                                new SeparatedTags(
                                        List.of(new Tag("<a", new AnyText(), ">")),
                                        ",",
                                        false,
                                        false))),
                "response_format");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'response_format':{}}                                              | response_format.type
                    {'response_format':{'type':'json_schema'}}                          | response_format.json_schema
                    {'response_format':{'type':'json_schema','json_schema':{}}}         | response_format.json_schema.name
                    {'response_format':{'type':'json_schema','json_schema':{'name':'a b'}}} | response_format.json_schema.name
                    {'response_format':{'type':'json_schema','json_schema':{'name':'a'}}} | response_format.json_schema.schema
                    {'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':5}}} | response_format.json_schema.schema
                    {'structured_outputs':{}}                                           | structured_outputs
                    {'structured_outputs':{'regex':'a','choice':['a']}}                 | structured_outputs
                    {'structured_outputs':{'choice':[]}}                                | structured_outputs.choice
                    {'structured_outputs':{'json':'{'}}                                 | structured_outputs.json
                    {'structured_outputs':{'json':{},'whitespace_pattern':' '}}         | structured_outputs.whitespace_pattern
                    {'structured_outputs':{'json':{},'disable_any_whitespace':true}}    | structured_outputs.disable_any_whitespace
                    {'guided_json':{},'guided_whitespace_pattern':' '}                  | guided_whitespace_pattern
                    {'guided_json':{},'guided_regex':'a'}                               | guided_regex
                    {'guided_json':{},'response_format':{'type':'json_object'}}         | guided_json
                    {'response_format':{'type':'structural_tag'}}                       | response_format.format
                    {'response_format':{'type':'structural_tag','format':{'type':'qwen_xml_parameter'}}} | response_format.format.type
                    {'response_format':{'type':'structural_tag','format':{'type':'sequence','elements':[{'type':'token'}]}}} | response_format.format.elements[0].type
                    {'response_format':{'type':'structural_tag','format':{'type':'any_text','excludes':['x']}}} | response_format.format.excludes
                    {'response_format':{'type':'structural_tag','format':{'type':'json_schema','json_schema':{},'style':'qwen_xml'}}} | response_format.format.style
                    {'response_format':{'type':'structural_tag','structures':[{'begin':'<'}],'triggers':['<']}} | response_format.structures[0].schema
                    {'structured_outputs':{'structural_tag':'[]'}}                      | structured_outputs.structural_tag
                    """)
    void theFieldAtFaultIsNamed(String body, String field) {
        RequestProblem problem =
                catchThrowableOfType(RequestRefused.class, () -> chat(body)).problem();
        assertThat(problem.category()).isEqualTo(Category.INVALID);
        assertThat(problem.parameter()).contains(field);
    }

    private static void read(String body, OutputFormat format, String field) {
        AnswerShape shape = chat(body);
        assertThat(shape.format()).contains(format);
        assertThat(shape.formatField()).isEqualTo(field);
    }

    private static AnswerShape chat(String body) {
        return Requests.chat(body).call().shape();
    }

    private static AnswerShape completion(String body) {
        return Requests.completion(body).calls().getFirst().shape();
    }

    private static JsonValue json(String text) {
        return JsonReader.read(text.replace('\'', '"'));
    }
}
