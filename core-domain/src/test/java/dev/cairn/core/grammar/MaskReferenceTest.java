package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Masks made of whole subtrees of tokens, beside those of a walk over every token. */
class MaskReferenceTest {

    private static final int SCHEMAS = Integer.getInteger("cairn.test.mask-schemas", 60);
    private static final int VOCABULARIES = 4;
    private static final List<String> FREE =
            List.of(
                    """
                    {"type":"object","properties":{"a":{"type":"string","maxLength":9},"tent":{"type":"number"},\
                    "bee":{"type":"string","minLength":40},"neat":{"type":"null"}}}""",
                    """
                    {"type":"object","properties":{"bent":{},"e":{"pattern":"^[a-e0-9-]{3,50}n"},"e-t":{}},\
                    "additionalProperties":{"type":"string","maxLength":33}}""",
                    """
                    {"type":"object","patternProperties":{"^[a-t]{2,7}$":{"type":"string","pattern":"a.*b"}},\
                    "additionalProperties":{"enum":["tenant","ten",10,null]}}""",
                    """
                    {"type":"array","items":{"type":"string","not":{"enum":["bean","an","\u00e9a"]}}}""");

    @Test
    void everyMaskIsTheOneOfAWalkOverEveryToken() {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime());
        System.out.println("everyMaskIsTheOneOfAWalkOverEveryToken: seed " + seed);
        var random = new SplittableRandom(seed);
        int masks = 0;
        for (int i = 0; i < VOCABULARIES; i++) {
            ByteCodec codec = Vocabularies.merged(random, 4_000);
            TokenTrie trie = Vocabularies.trie(codec);
            for (int j = 0; j < SCHEMAS / VOCABULARIES; j++) {
                masks += compare(trie, random, seed);
            }
        }
        assertThat(masks).isGreaterThan(SCHEMAS);
    }

    /** By chance, or one whose texts are free in parts: names beside others, bounded lengths. */
    private static JsonValue schema(SplittableRandom random) {
        int chosen = random.nextInt(FREE.size() + 4);
        return chosen < FREE.size()
                ? JsonReader.read(FREE.get(chosen))
                : new RandomSchema(random).next(3).schema();
    }

    private static int compare(TokenTrie trie, SplittableRandom random, long seed) {
        Grammar grammar;
        try {
            grammar = GrammarText.jsonSchema("schema", schema(random));
        } catch (RequestRefused refused) {
            return 0;
        }
        var quick = new MaskSource(grammar, trie);
        var reference = new MaskSource(grammar, trie, Canonical.NONE, Long.MAX_VALUE / 2, false);
        int masks = 0;
        for (int walk = 0; walk < 4; walk++) {
            Constraint ours = quick.begin();
            Constraint theirs = reference.begin();
            int budget = walk == 0 ? Integer.MAX_VALUE : quick.shortest() + random.nextInt(60);
            for (int i = 0; i < 80 && !ours.isExhausted() && budget > 0; i++, budget--) {
                int[] mask = ours.mask(budget);
                assertThat(mask).as("seed %d", seed).isEqualTo(theirs.mask(budget));
                masks++;
                List<Integer> allowed = Walk.allowed(mask);
                if (allowed.isEmpty()) {
                    break;
                }
                int token = allowed.get(random.nextInt(allowed.size()));
                assertThat(ours.accept(token)).isEqualTo(theirs.accept(token)).isTrue();
            }
        }
        return masks;
    }
}
