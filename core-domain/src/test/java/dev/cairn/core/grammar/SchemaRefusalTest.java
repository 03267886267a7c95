package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no schema, or none that can be held, is refused by name and in bounded work. */
class SchemaRefusalTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not",
                "if",
                "contains",
                "patternProperties",
                "propertyNames",
                "dependentRequired",
                "unevaluatedProperties",
                "minProperties",
                "multipleOf",
                "required",
                "allOf",
                "enum",
                "items",
                "pattern",
                "uniqueItems"
            })
    void aKeywordWithAValueOfAWrongTypeIsNamed(String keyword) {
        String schema =
                "{\"type\":[\"object\",\"array\",\"number\"],\"then\":{},\"" + keyword + "\":-3.5}";
        assertThatThrownBy(() -> compile(schema))
                .isInstanceOf(RequestRefused.class)
                .hasMessageStartingWith("response_format.json_schema.schema ")
                .hasMessageContaining("\"" + keyword + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"$ref\":\"#\"} | finite text",
                "{\"allOf\":[{\"$ref\":\"#\"}]} | finite text",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}}} | finite text",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]} | text",
                "{\"not\":{\"$ref\":\"#\"}} | finite text",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]} | no finite text",
                "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2} | no finite text",
                "{\"enum\":[1],\"type\":\"string\"} | no finite text",
                "{\"$ref\":\"http://example.org/a\"} | \"$ref\" to another document, http://example.org/a",
                "{\"$ref\":\"#/$defs/none\"} | \"$ref\" to #/$defs/none, which is not there",
                "{\"type\":\"array\",\"uniqueItems\":true} | \"uniqueItems\"",
                "{\"type\":\"string\",\"format\":\"idn-hostname\"} | \"format\" with \"idn-hostname\"",
                "{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"} | pattern",
                "{\"type\":\"object\",\"minProperties\":2} | \"minProperties\"",
                "{\"type\":\"integer\",\"multipleOf\":1000003} | \"multipleOf\"",
                "{\"type\":\"array\",\"maxItems\":1e9} | repeats something more than",
                "{\"type\":\"array\",\"minItems\":1e9} | repeats something more than",
                "{\"type\":\"string\",\"minLength\":1e300} | repeats something more than",
                "{\"type\":\"object\",\"maxProperties\":1e9,\"minProperties\":1e9} | Properties\"",
                "{\"type\":\"number\",\"minimum\":1e999999999} | \"minimum\" with more than",
                "{\"enum\":[1e999999999],\"maximum\":5} | \"enum\" with more than",
                "{\"not\":{\"enum\":[1e999999999]}} | \"enum\" with more than",
                "7 | neither an object nor a boolean"
            })
    void refusedByName(String schema, String says) {
        assertThatThrownBy(() -> compile(schema))
                .isInstanceOf(RequestRefused.class)
                .hasMessageStartingWith("response_format.json_schema.schema ")
                .hasMessageContaining(says);
    }

    @Test
    void bombsAreRefusedOrHeldInBoundedWork() {
        String doubled =
                IntStream.range(0, 60)
                        .mapToObj(
                                i ->
                                        "\"%d\":{\"allOf\":[{\"$ref\":\"#/$defs/%d\"},{\"$ref\":\"#/$defs/%d\"}]}"
                                                .formatted(i, i + 1, i + 1))
                        .collect(Collectors.joining(","));
        // Both sides are the same schema, which is looked at once.
        compile("{\"$ref\":\"#/$defs/0\",\"$defs\":{" + doubled + ",\"60\":{\"type\":\"null\"}}}");
        String ways =
                IntStream.range(0, 40)
                        .mapToObj(
                                i ->
                                        "{\"anyOf\":[{\"properties\":{\"a%d\":false}},{\"properties\":{\"b%d\":false}}]}"
                                                .formatted(i, i))
                        .collect(Collectors.joining(","));
        refused("{\"type\":\"object\",\"allOf\":[" + ways + "]}", "ways");
        String overlapping =
                IntStream.range(0, 30)
                        .mapToObj(
                                i ->
                                        "{\"type\":\"object\",\"properties\":{\"a%d\":{\"type\":\"null\"},\"b%d\":{\"type\":\"null\"},\"c%d\":{\"type\":\"null\"}}}"
                                                .formatted(i, i, i))
                        .collect(Collectors.joining(","));
        refused("{\"oneOf\":[" + overlapping + "]}", "oneOf");
        refused("{\"pattern\":\"^((a{1,90}){1,90}){1,2}$\",\"maxLength\":9}", "\"pattern\"");
        refused("{\"pattern\":\"^(a|b)*a(a|b){18}$\",\"minLength\":3}", "\"pattern\"");
    }

    @Test
    void deepAndWideSchemasAreBounded() {
        String deep = "{\"items\":".repeat(120) + "{\"type\":\"null\"}" + "}".repeat(120);
        compile(deep);
        String enumeration =
                IntStream.range(0, 9000)
                        .mapToObj(i -> "\"value " + i * 7919L + "\"")
                        .collect(Collectors.joining(","));
        Grammar grammar = compile("{\"enum\":[" + enumeration + "]}");
        assertThat(Walk.accepts(new MaskSource(grammar, Walk.TRIE), "\"value 7919\"")).isTrue();
        assertThat(Walk.accepts(new MaskSource(grammar, Walk.TRIE), "\"value 7918\"")).isFalse();
    }

    private static void refused(String schema, String says) {
        assertThatThrownBy(() -> compile(schema))
                .isInstanceOf(RequestRefused.class)
                .hasMessageContaining(says);
    }

    private static Grammar compile(String schema) {
        JsonValue read = JsonReader.read(schema, 400);
        return GrammarText.jsonSchema("response_format.json_schema.schema", read);
    }
}
