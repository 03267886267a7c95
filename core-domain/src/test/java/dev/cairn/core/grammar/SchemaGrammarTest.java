package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaGrammarTest {

    /** {@code -Dcairn.test.schemas=N} for more. */
    private static final int SCHEMAS = Integer.getInteger("cairn.test.schemas", 300);

    @Test
    void everyWalkValidatesAndEveryInstanceIsAccepted() {
        long seed = System.nanoTime();
        System.out.println("everyWalkValidatesAndEveryInstanceIsAccepted: seed " + seed);
        var random = new SplittableRandom(seed);
        var schemas = new RandomSchema(random);
        int ended = 0;
        for (int round = 0; round < SCHEMAS; round++) {
            RandomSchema.Case each = schemas.next(3);
            String schema = JsonWriter.write(each.schema());
            var validator = new Validator(each.schema());
            assertThat(validator.validates(each.instance())).as("the test's own case").isTrue();
            var source = new MaskSource(GrammarText.jsonSchema("schema", each.schema()), Walk.TRIE);
            String compact = JsonWriter.write(each.instance());
            assertThat(Walk.accepts(source, compact))
                    .as("seed %d: %s takes %s", seed, schema, compact)
                    .isTrue();
            String answer = Walk.answer(source, random, 40);
            if (answer != null) {
                ended++;
                assertThat(validator.validatesText(answer))
                        .as("seed %d: %s gave %s", seed, schema, answer)
                        .isTrue();
            }
        }
        assertThat(ended).as("seed %d", seed).isGreaterThan(SCHEMAS * 3 / 4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$defs\":{\"n\":{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/n\"},{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}},\"$ref\":\"#/$defs/n\"}",
                "{\"type\":\"object\",\"properties\":{\"kids\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}},\"required\":[\"kids\"]}",
                "{\"allOf\":[{\"properties\":{\"a\":{\"type\":\"number\"}},\"required\":[\"a\"]},{\"properties\":{\"a\":{\"minimum\":3},\"b\":{}}}],\"type\":\"object\"}",
                "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"x\"},\"v\":{\"type\":\"integer\"}},\"required\":[\"k\",\"v\"]},{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"y\"}},\"required\":[\"k\"]}]}",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]}},\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"},\"required\":[\"q\"]}",
                "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"items\":false,\"maxItems\":1}",
                "{\"enum\":[1,\"1\",null,{\"a\":[1.5,{}]}],\"type\":[\"integer\",\"object\"]}"
            })
    void walksOfParticularSchemasValidate(String text) {
        long seed = System.nanoTime();
        System.out.println("walksOfParticularSchemasValidate: seed " + seed);
        var random = new SplittableRandom(seed);
        JsonValue schema = JsonReader.read(text);
        var source = new MaskSource(GrammarText.jsonSchema("schema", schema), Walk.TRIE);
        for (int i = 0; i < 20; i++) {
            String answer = Walk.answer(source, random, 30);
            if (answer != null) {
                assertThat(new Validator(schema).validatesText(answer))
                        .as("seed %d: %s", seed, answer)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":\"object\"} | {\"a\": [1, -2.5e-3, {\"b\": null}]} | true",
                "{\"type\":\"object\"} | [] | false",
                "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}}} | {\"b\": 1} | true",
                "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}}} | {\"b\": 1, \"a\": 1} | false",
                "{\"type\":\"object\",\"properties\":{\"a\":{}},\"additionalProperties\":true} | {\"ab\": 1} | true",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":true} | {\"a\": 1} | false",
                "{\"type\":\"integer\"} | -0 | false",
                "{\"type\":\"object\",\"properties\":{\"a\":{}}} | {\"b\": 1} | true",
                "{\"type\":\"object\",\"properties\":{\"a\":{}}} | {\"a\": 1, \"a\": 1} | false",
                "{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"r\"]} | {\"a\": 1, \"r\": 1, \"b\": 1} | true",
                "{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"r\"]} | {\"r\": 1, \"r\": 1} | false",
                "{\"minLength\":2} | 7 | true",
                "{\"minLength\":2} | \"é\" | false",
                "{\"type\":\"string\",\"pattern\":\"^a+$\",\"maxLength\":2} | \"aa\" | true",
                "{\"type\":\"string\",\"pattern\":\"^a+$\",\"maxLength\":2} | \"aaa\" | false",
                "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":0.6} | 0.75 | true",
                "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":0.6} | 0.5 | false",
                "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":0.6} | 0.8 | false",
                "{\"type\":\"integer\",\"minimum\":2.5} | 3 | true",
                "{\"type\":\"integer\",\"minimum\":2.5} | 2 | false",
                "{\"type\":\"number\",\"exclusiveMinimum\":0} | 0.0 | false",
                "{\"type\":\"number\",\"exclusiveMinimum\":0} | 0.01 | true",
                "{\"type\":\"string\",\"maxLength\":1} | \"\\uD83D\\uDE00\" | true",
                "{\"type\":\"string\",\"maxLength\":1} | \"\\uD83D\" | false",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2024-02-29\" | true",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2023-02-29\" | false",
                "{\"type\":\"string\",\"format\":\"date-time\"} | \"2023-12-31T23:59:59.5Z\" | true",
                "{\"type\":\"string\",\"format\":\"ipv4\"} | \"256.1.1.1\" | false"
            })
    void takesAndLeaves(String schema, String text, boolean taken) {
        var source =
                new MaskSource(GrammarText.jsonSchema("s", JsonReader.read(schema)), Walk.TRIE);
        assertThat(Walk.accepts(source, text)).isEqualTo(taken);
    }

    @Test
    void prettyPrintedTextIsTaken() {
        var source =
                new MaskSource(
                        GrammarText.jsonSchema("s", JsonReader.read("{\"type\":\"object\"}")),
                        Walk.TRIE);
        assertThat(Walk.accepts(source, "{\n  \"a\": [\n    1,\n    {}\n  ]\n}")).isTrue();
        assertThat(Walk.accepts(source, "{   \"a\": 1}")).isFalse();
    }

    @Test
    void anyWalkOfAnObjectIsOne() {
        long seed = System.nanoTime();
        System.out.println("anyWalkOfAnObjectIsOne: seed " + seed);
        var random = new SplittableRandom(seed);
        var source = new MaskSource(GrammarText.jsonObject("response_format"), Walk.TRIE);
        for (int i = 0; i < 50; i++) {
            String answer = Walk.answer(source, random, 60);
            assertThat(answer == null || Pattern.compile("(?s)\\{.*\\}").matcher(answer).matches())
                    .isTrue();
            assertThat(answer == null || new Validator(JsonValue.of(true)).validatesText(answer))
                    .as("seed %d: %s", seed, answer)
                    .isTrue();
        }
    }
}
