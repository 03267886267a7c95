package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * The JSON Schema Test Suite: each schema is refused by name, or its valid instances are in the
 * grammar and its invalid ones are not.
 *
 * <p>An instance is in the grammar if one of its texts is: members in the order in which the schema
 * names them, numbers without exponent where they are whole, and blanks behind commas and colons or
 * none. An invalid instance must be out in its own spelling too.
 */
class SchemaSuiteTest {

    private static final String PLACE = "json-schema-test-suite/";

    private final TreeSet<String> refused = new TreeSet<>();
    private final TreeSet<String> rejected = new TreeSet<>();
    private final TreeSet<String> accepted = new TreeSet<>();
    private int groups;
    private int cases;

    @Test
    void everySchemaIsHeldOrRefusedByName() {
        for (String draft : List.of("draft2020-12", "draft7", "draft4")) {
            read(PLACE + draft + ".jsonl.gz").lines().forEach(line -> group(draft, line));
        }
        System.out.printf(
                "everySchemaIsHeldOrRefusedByName: %d groups, %d refused; %d instances, %d valid ones"
                        + " rejected, %d invalid ones accepted%n",
                groups, refused.size(), cases, rejected.size(), accepted.size());
        assertThat(accepted).as("invalid instances that the grammar accepts").isEmpty();
        assertThat(rejected).as("see rejected.txt").isEqualTo(expected("rejected.txt"));
        assertThat(refused).as("see refused.txt").isEqualTo(expected("refused.txt"));
    }

    private void group(String draft, String line) {
        JsonObject group = (JsonObject) JsonReader.read(line, 400);
        String name =
                draft + " " + text(group.member("file")) + ": " + text(group.member("description"));
        groups++;
        JsonValue schema = asDraft(draft, group.member("schema"));
        Grammar grammar = null;
        boolean nothing = false;
        try {
            grammar = GrammarText.jsonSchema("schema", schema);
        } catch (RequestRefused problem) {
            nothing = problem.getMessage().contains("no finite text");
            if (!nothing) {
                refused.add(name + " | " + reason(problem.getMessage()));
                return;
            }
        }
        var order = new SchemaOrder(schema);
        for (JsonValue each : ((JsonArray) group.member("tests")).values()) {
            List<JsonValue> test = ((JsonArray) each).values();
            boolean valid = ((JsonBoolean) test.get(1)).value();
            List<String> texts = order.texts(test.get(2));
            cases++;
            boolean taken = false;
            for (String text : texts) {
                taken |= !nothing && accepts(grammar, text);
            }
            if (!valid) {
                taken |= !nothing && accepts(grammar, JsonWriter.write(test.get(2)));
            }
            if (taken != valid) {
                (valid ? rejected : accepted).add(name + ": " + text(test.getFirst()));
            }
        }
    }

    /** The keyword that a refusal names, or how it begins. */
    private static String reason(String message) {
        String[] quoted = message.split("\"", 3);
        return quoted.length == 3
                ? quoted[1]
                : message.substring(0, Math.min(60, message.length()));
    }

    private static JsonValue asDraft(String draft, JsonValue schema) {
        if (!(schema instanceof JsonObject object) || object.member("$schema") != null) {
            return schema;
        }
        String version =
                draft.equals("draft2020-12")
                        ? "https://json-schema.org/draft/2020-12/schema"
                        : "http://json-schema.org/draft-0" + draft.substring(5) + "/schema#";
        JsonObject.Builder named = JsonObject.builder().put("$schema", version);
        object.members().forEach(named::put);
        return named.build();
    }

    static boolean accepts(Grammar grammar, String text) {
        var stepper = new Stepper(grammar, new Closing(grammar, Walk.TRIE));
        Configuration at = stepper.start();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            at = stepper.advance(at, value & 0xff);
            if (at == null) {
                return false;
            }
        }
        return at.mayEnd;
    }

    private static TreeSet<String> expected(String file) {
        return new TreeSet<>(
                read(PLACE + file).lines().filter(line -> !line.startsWith("#")).toList());
    }

    private static String text(JsonValue value) {
        return ((JsonString) value).value();
    }

    private static String read(String resource) {
        try (InputStream file = SchemaSuiteTest.class.getResourceAsStream(resource);
                InputStream in = resource.endsWith(".gz") ? new GZIPInputStream(file) : file) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
