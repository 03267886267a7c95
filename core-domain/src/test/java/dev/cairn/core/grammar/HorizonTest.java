package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers end within their budget, whatever the model would rather say. */
class HorizonTest {

    /** {@code -Dcairn.test.horizons=N} for more. */
    private static final int CASES = Integer.getInteger("cairn.test.horizons", 400);

    private final long seed = Long.getLong("cairn.test.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void everySchemaClosesWithinItsBudget() {
        var schemas = new RandomSchema(random);
        int texts = 0;
        for (int i = 0; i < CASES; i++) {
            RandomSchema.Case each = schemas.next(3);
            String schema = JsonWriter.write(each.schema());
            var validator = new Validator(each.schema());
            Grammar grammar = GrammarText.jsonSchema("schema", each.schema());
            for (ByteCodec codec : vocabularies()) {
                var source = new MaskSource(grammar, Vocabularies.trie(codec));
                int enough =
                        JsonWriter.write(each.instance()).getBytes(StandardCharsets.UTF_8).length;
                assertThat(source.shortest())
                        .as("seed %d: %s", seed, schema)
                        .isLessThanOrEqualTo(enough);
                for (int walk = 0; walk < 4; walk++) {
                    String answer =
                            answer(source, codec, source.shortest() + slack(), walk % 2 == 0);
                    assertThat(validator.validates(JsonReader.readLastWins(answer)))
                            .as("seed %d: %s gave %s", seed, schema, answer)
                            .isTrue();
                    texts++;
                }
            }
        }
        report("schemas", texts);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a{3,400}b",
                "(ab?){150,}",
                "[a-z ]{200,300}",
                "(\\w{120,}-){3}e",
                "(a|bb|éé){100,110}",
                "((a{2,5},){1,7};){2,}",
                "(x{5}|y{9}z?){40}",
                "-?(0|[1-9][0-9]*)(\\.[0-9]{2,})?",
                "(aaaa|ab){99}n*t"
            })
    void countsCloseWithinTheirBudget(String regex) {
        Grammar grammar = GrammarText.regex("regex", regex);
        int texts = 0;
        for (ByteCodec codec : vocabularies()) {
            var source = new MaskSource(grammar, Vocabularies.trie(codec));
            for (int walk = 0; walk < 12; walk++) {
                String answer = answer(source, codec, source.shortest() + slack(), walk % 2 == 0);
                assertThat(Pattern.matches(regex, answer))
                        .as("seed %d: %s gave %s", seed, regex, answer)
                        .isTrue();
                texts++;
            }
        }
        report(regex, texts);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"[\" root* \"]\" | \"a\"",
                "root ::= e\ne ::= e \"-\" t | t\nt ::= \"<\" e \">\" | [0-9]{2,}",
                "root ::= (\"{\" root \"}\"){2} | \"\\n\" root \":\" | \"ab\" root \"ba\" | \"e\""
            })
    void recursionClosesWithinItsBudget(String ebnf) {
        Grammar grammar = GrammarText.ebnf("grammar", ebnf);
        int texts = 0;
        for (ByteCodec codec : vocabularies()) {
            var source = new MaskSource(grammar, Vocabularies.trie(codec));
            for (int walk = 0; walk < 30; walk++) {
                String answer =
                        answer(
                                source,
                                codec,
                                source.shortest() + random.nextInt(300),
                                walk % 3 > 0);
                assertThat(accepts(source, answer)).as("seed %d: %s", seed, answer).isTrue();
                texts++;
            }
        }
        report(ebnf, texts);
    }

    @Test
    void whatIsCalledEnoughIsMostlyTheFewest() {
        var schemas = new RandomSchema(random);
        int exact = 0;
        int all = 0;
        for (int i = 0; i < CASES / 4; i++) {
            RandomSchema.Case each = schemas.next(1);
            Grammar grammar = GrammarText.jsonSchema("schema", each.schema());
            for (ByteCodec codec : vocabularies()) {
                var source = new MaskSource(grammar, Vocabularies.trie(codec));
                int best = fewest(source, source.shortest());
                assertThat(source.shortest())
                        .as("seed %d: %s", seed, JsonWriter.write(each.schema()))
                        .isLessThanOrEqualTo(4 * best + 2);
                exact += best == source.shortest() ? 1 : 0;
                all++;
            }
        }
        assertThat(exact).as("seed %d", seed).isGreaterThan(all * 2 / 3);
        report("shortest (exact in " + exact + ")", all);
    }

    private List<ByteCodec> vocabularies() {
        return List.of(Vocabularies.bytes(), Walk.CODEC, Vocabularies.merged(random, 150));
    }

    private int slack() {
        return random.nextInt(5) == 0 ? random.nextInt(400) : random.nextInt(12);
    }

    /** A whole text, by a chooser that keeps it open where it can, or that takes any token. */
    private String answer(MaskSource source, ByteCodec codec, int budget, boolean greedy) {
        Constraint constraint = source.begin();
        var bytes = new ByteArrayOutputStream();
        for (int left = budget; !constraint.isExhausted() && left > 0; left--) {
            List<Integer> allowed = Walk.allowed(constraint.mask(left));
            assertThat(allowed)
                    .as("seed %d: tokens behind %s with %d left", seed, bytes, left)
                    .isNotEmpty();
            int token = greedy ? opener(constraint, allowed) : any(allowed);
            assertThat(constraint.accept(token)).as("seed %d: token %d", seed, token).isTrue();
            if (token == ByteCodec.END) {
                break;
            }
            assertThat(constraint.closing()).as("seed %d", seed).isLessThan(left);
            bytes.writeBytes(codec.tokenBytes(token));
        }
        assertThat(constraint.canEnd()).as("seed %d: complete: %s", seed, bytes).isTrue();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private int any(List<Integer> allowed) {
        return allowed.get(random.nextInt(allowed.size()));
    }

    /** Of a few tokens the one behind which the text is farthest from its end. */
    private int opener(Constraint constraint, List<Integer> allowed) {
        int best = any(allowed);
        int farthest = -1;
        for (int i = 0; i < Math.min(60, allowed.size()); i++) {
            int token = allowed.size() <= 60 ? allowed.get(i) : any(allowed);
            Constraint tried = constraint.copy();
            if (token != ByteCodec.END && tried.accept(token) && tried.closing() > farthest) {
                farthest = tried.closing();
                best = token;
            }
        }
        return best;
    }

    private static boolean accepts(MaskSource source, String text) {
        Constraint constraint = source.begin();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            if (!constraint.accept(ByteCodec.FIRST_BYTE + (value & 0xff))) {
                return false;
            }
        }
        return constraint.canEnd();
    }

    /** By trying all texts, the shortest first; not beyond {@code most} tokens. */
    private static int fewest(MaskSource source, int most) {
        var seen = new java.util.HashSet<Configuration>();
        List<Configuration> wave = List.of(source.begin().place());
        for (int tokens = 0; tokens < most && seen.size() < 3_000; tokens++) {
            List<Configuration> next = new java.util.ArrayList<>();
            for (Configuration at : wave) {
                if (at.mayEnd) {
                    return tokens;
                }
                for (int token : Walk.allowed(source.mask(at, Integer.MAX_VALUE))) {
                    byte[] text = source.trie().text(token);
                    Configuration reached = text == null ? null : source.advance(at, text);
                    if (reached != null && seen.add(reached)) {
                        next.add(reached);
                    }
                }
            }
            wave = next;
        }
        return most;
    }

    private void report(String what, int texts) {
        System.out.println("HorizonTest: seed " + seed + ": " + texts + " texts, " + what);
    }
}
