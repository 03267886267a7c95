package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Keywords that engines commonly take and disobey: each is held, shown by a value that it allows
 * and one that it forbids, or refused by its name.
 */
class ExoticKeywordTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"number\",\"multipleOf\":0.5} | 2.5 | 2.4",
                "{\"type\":\"integer\",\"multipleOf\":7} | 49 | 50",
                "{\"type\":\"number\",\"exclusiveMinimum\":1.5} | 1.51 | 1.5",
                "{\"type\":\"number\",\"maximum\":3,\"exclusiveMaximum\":true} | 2.9 | 3",
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3,\"pattern\":\"^[ab]+$\"} | \"ab\" | \"abab\"",
                "{\"allOf\":[{\"pattern\":\"a\"},{\"pattern\":\"b\"}],\"type\":\"string\"} | \"xbya\" | \"xax\"",
                "{\"type\":\"string\",\"format\":\"date-time\"} | \"2024-02-29T10:00:00Z\" | \"2023-02-29T10:00:00Z\"",
                "{\"type\":\"string\",\"format\":\"ipv6\"} | \"1::2\" | \"1::2::3\"",
                "{\"type\":\"string\",\"not\":{\"pattern\":\"^x\"}} | \"ax\" | \"xa\"",
                "{\"not\":{\"type\":[\"object\",\"string\"]}} | 5 | \"5\"",
                "{\"not\":{\"enum\":[\"a\",1]}} | 2 | 1.0",
                "{\"if\":{\"type\":\"string\"},\"then\":{\"maxLength\":1},\"else\":{\"type\":\"null\"}} | \"a\" | 7",
                "{\"oneOf\":[{\"multipleOf\":2},{\"multipleOf\":3}],\"type\":\"integer\"} | 9 | 6",
                "{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}],\"type\":\"object\"} | {\"a\":1} | {\"a\":1,\"b\":1}",
                "{\"type\":\"array\",\"contains\":{\"const\":1}} | [2,1] | [2,3]",
                "{\"type\":\"array\",\"contains\":{\"const\":1},\"minContains\":2} | [1,2,1] | [2,1]",
                "{\"type\":\"array\",\"contains\":{\"const\":1},\"maxContains\":1} | [1,2] | [1,1]",
                "{\"type\":\"array\",\"items\":{\"enum\":[1,2,3]},\"uniqueItems\":true} | [3,1] | [3,3]",
                "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"null\"}],\"items\":{\"type\":\"string\"}} | [null,\"a\"] | [null,1]",
                "{\"type\":\"array\",\"items\":[{\"type\":\"null\"}],\"additionalItems\":false} | [null] | [null,null]",
                "{\"type\":\"array\",\"prefixItems\":[true],\"unevaluatedItems\":false} | [1] | [1,2]",
                "{\"type\":\"object\",\"patternProperties\":{\"^n\":{\"type\":\"number\"}}} | {\"n1\":1} | {\"n1\":\"\"}",
                "{\"type\":\"object\",\"patternProperties\":{\"^n\":{}},\"additionalProperties\":false} | {\"n\":1} | {\"m\":1}",
                "{\"type\":\"object\",\"propertyNames\":{\"maxLength\":2}} | {\"ab\":1} | {\"abc\":1}",
                "{\"type\":\"object\",\"minProperties\":1} | {\"a\":1} | {}",
                "{\"type\":\"object\",\"maxProperties\":1} | {\"a\":1} | {\"a\":1,\"b\":1}",
                "{\"type\":\"object\",\"dependentRequired\":{\"a\":[\"b\"]}} | {\"b\":1,\"a\":1} | {\"a\":1}",
                "{\"type\":\"object\",\"dependencies\":{\"a\":[\"b\"]}} | {\"b\":1,\"a\":1} | {\"a\":1}",
                "{\"type\":\"object\",\"dependentSchemas\":{\"a\":{\"maxProperties\":1}}} | {\"a\":1} | {\"a\":1,\"b\":1}",
                "{\"type\":\"object\",\"properties\":{\"a\":{}},\"unevaluatedProperties\":false} | {\"a\":1} | {\"b\":1}",
                "{\"$ref\":\"#/$defs/a\",\"maxLength\":2,\"$defs\":{\"a\":{\"type\":\"string\"}}} | \"ab\" | \"abc\"",
                "{\"$ref\":\"#name\",\"$defs\":{\"a\":{\"$anchor\":\"name\",\"type\":\"null\"}}} | null | 1",
                "{\"$ref\":\"other\",\"$id\":\"http://a/b\",\"$defs\":{\"a\":{\"$id\":\"other\",\"type\":\"null\"}}} | null | 1",
                "{\"type\":\"object\",\"properties\":{\"n\":{\"$recursiveRef\":\"#\"}},\"additionalProperties\":false} | {\"n\":{}} | {\"n\":{\"m\":1}}",
                "{\"$dynamicRef\":\"#d\",\"$defs\":{\"a\":{\"$dynamicAnchor\":\"d\",\"type\":\"null\"}}} | null | 1",
                "{\"const\":{\"a\":[1,2.50]}} | {\"a\":[1,2.5]} | {\"a\":[1,2]}"
            })
    void held(String schema, String allowed, String forbidden) {
        Grammar grammar =
                GrammarText.jsonSchema(
                        "response_format.json_schema.schema", JsonReader.read(schema));
        assertThat(SchemaSuiteTest.accepts(grammar, allowed)).as(allowed).isTrue();
        assertThat(SchemaSuiteTest.accepts(grammar, forbidden)).as(forbidden).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true} | uniqueItems",
                "{\"type\":\"string\",\"format\":\"idn-email\"} | format",
                "{\"not\":{\"format\":\"date\"}} | format",
                "{\"type\":\"object\",\"minProperties\":3} | minProperties",
                "{\"type\":\"number\",\"divisibleBy\":2} | divisibleBy",
                "{\"disallow\":\"string\"} | disallow",
                "{\"extends\":{\"type\":\"string\"}} | extends",
                "{\"anyOf\":[{\"properties\":{\"a\":{}}},{\"required\":[\"b\"]}],\"unevaluatedProperties\":false} | unevaluatedProperties",
                "{\"contains\":{\"type\":\"null\"},\"unevaluatedItems\":false} | unevaluatedItems",
                "{\"pattern\":\"^(?=a)b\"} | pattern"
            })
    void refused(String schema, String keyword) {
        assertThatThrownBy(
                        () ->
                                GrammarText.jsonSchema(
                                        "response_format.json_schema.schema",
                                        JsonReader.read(schema)))
                .isInstanceOf(RequestRefused.class)
                .hasMessageStartingWith("response_format.json_schema.schema ")
                .hasMessageContaining(keyword);
    }
}
