package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;

/** What a model without sense answers is judged by a validator that is not ours. */
class ValidatedWalksTest {

    private static final int SCHEMAS =
            "nightly".equals(System.getProperty("cairn.test.size")) ? 20_000 : 1_000;
    private static final int WALKS = 4;

    /** Numbers as they are written: a double would lose what multipleOf asks about. */
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(100_000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private final TreeMap<String, Integer> refused = new TreeMap<>();
    private final SchemaRegistry registry =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private int texts;
    private int without;
    private int unjudged;

    @Test
    void everyAnswerParsesAndValidates() {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime());
        var random = new SplittableRandom(seed);
        var plain = new RandomSchema(random);
        var wild = new WildSchema(random);
        for (int i = 0; i < SCHEMAS; i++) {
            JsonValue schema = i % 4 == 0 ? plain.next(3).schema() : wild.next();
            judge(schema, random, "seed " + seed + ", schema " + i);
        }
        System.out.printf(
                "everyAnswerParsesAndValidates: seed %d, %d schemas, %d without a value, %d answers;"
                        + " refused by name: %s%n",
                seed, SCHEMAS, without, texts, refused);
        assertThat(texts).isGreaterThan(SCHEMAS * 2);
        assertThat(unjudged).as("answers that the validator cannot read").isLessThan(texts / 100);
    }

    private void judge(JsonValue schema, SplittableRandom random, String where) {
        MaskSource source;
        try {
            source = new MaskSource(GrammarText.jsonSchema("schema", schema), Walk.TRIE);
        } catch (RequestRefused problem) {
            if (problem.getMessage().contains("no finite text")) {
                without++;
            } else {
                refused.merge(name(problem.getMessage()), 1, Integer::sum);
            }
            return;
        }
        String text = JsonWriter.write(schema);
        Schema judge = registry.getSchema(MAPPER.readTree(text));
        for (int walk = 0; walk < WALKS; walk++) {
            String answer = answer(source, random, source.shortest() + random.nextInt(60));
            texts++;
            if (answer.contains("\u0085") || answer.contains("\\u0085")) {
                // The end of a line to java.util.regex, which the validator asks; not to ECMA-262.
                unjudged++;
                continue;
            }
            try {
                assertThat(judge.validate(MAPPER.readTree(answer)))
                        .as("%s: %s gave %s", where, text, answer)
                        .isEmpty();
            } catch (JsonNodeException | StackOverflowError _) {
                // The validator asks whole numbers such as 7.1E+59 for a long, and follows a schema
                // that refers to itself without end.
                unjudged++;
            }
        }
    }

    private static String name(String message) {
        int from = message.indexOf('"');
        return from < 0 ? message : message.substring(from + 1, message.indexOf('"', from + 1));
    }

    private static String answer(MaskSource source, SplittableRandom random, int budget) {
        Constraint constraint = source.begin();
        var bytes = new ByteArrayOutputStream();
        for (int left = budget; ; left--) {
            List<Integer> allowed = Walk.allowed(constraint.mask(left));
            assertThat(allowed).as("after %s", bytes).isNotEmpty();
            int token = allowed.get(random.nextInt(allowed.size()));
            assertThat(constraint.accept(token)).isTrue();
            if (token == ByteCodec.END) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.writeBytes(Walk.CODEC.tokenBytes(token));
        }
    }
}
