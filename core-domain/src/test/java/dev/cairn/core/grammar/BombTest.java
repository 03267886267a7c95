package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.Constant;
import dev.cairn.ports.request.OutputFormat.Ebnf;
import dev.cairn.ports.request.OutputFormat.Regex;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small texts that want to be large grammars, and grammars that want to be slow. */
class BombTest {

    private static final ByteCodec CODEC = Vocabularies.merged(new SplittableRandom(7), 3_000);
    private static final Grammars GRAMMARS =
            new Grammars(CODEC, CODEC.vocabularySize(), CODEC.endOfSequenceIds());

    /** Enough for a request that calls no function of a function of a function. */
    private static final int SMALL_STACK = 256 << 10;

    static List<OutputFormat> refused() {
        List<OutputFormat> bombs = new ArrayList<>();
        bombs.add(new Regex("(a{1000}){1000}"));
        bombs.add(new Regex("((((a{9}){9}){9}){9}){9}"));
        bombs.add(new Regex("x".repeat(5_000_000)));
        bombs.add(new Regex("(".repeat(8_000)));
        bombs.add(new Regex("[\\p{L}\\p{N}]".repeat(1_000)));
        bombs.add(new Constant("x".repeat(5_000_000)));
        bombs.add(new OutputFormat.Choice(Collections.nCopies(5_000, "y".repeat(1_000))));
        bombs.add(new OutputFormat.Choice(Collections.nCopies(100_000, "y")));
        bombs.add(new Ebnf("root ::= \"" + "x".repeat(5_000_000) + "\""));
        bombs.add(new Ebnf("root ::= a\na ::= b \"x\"\nb ::= a"));
        bombs.add(new Ebnf("root ::= " + "(".repeat(50_000)));
        OutputFormat deep = new OutputFormat.AnyText();
        for (int i = 0; i < 2_000; i++) {
            deep = new OutputFormat.Tag("<", deep, ">");
        }
        bombs.add(deep);
        return bombs;
    }

    @ParameterizedTest
    @MethodSource
    void refused(OutputFormat bomb) {
        assertThatThrownBy(() -> GRAMMARS.compile("structured_outputs.bomb", bomb))
                .isInstanceOf(RequestRefused.class)
                .hasMessageStartingWith("structured_outputs.bomb");
    }

    /** Grammars whose masks cost more than may be spent on one. */
    static List<String> slow() {
        String chain =
                IntStream.range(1, 7_000)
                        .mapToObj(i -> "r%d ::= r%d".formatted(i, i + 1))
                        .reduce("r0 ::= r1", (a, b) -> a + "\n" + b);
        String palindrome =
                IntStream.rangeClosed('a', 'z')
                        .mapToObj(c -> "\"%c\" root \"%c\"".formatted(c, c))
                        .reduce("\"-\" r0 \"-\"", (a, b) -> a + " | " + b);
        return List.of(
                "root ::= " + palindrome + "\n" + chain + "\nr7000 ::= [a-z]",
                "root ::= s\ns ::= s s | s s s | [a-z] | [a-n] s [a-z]",
                "root ::= (a b c)+\na ::= [a-z]{1,900} | [ab]{3,70}\nb ::= a{0,90}\nc ::= b{0,80} \"e\"");
    }

    @ParameterizedTest
    @MethodSource
    void slow(String grammar) {
        MaskSource source =
                new MaskSource(
                        FormatGrammar.compile(
                                "f",
                                new Ebnf(grammar),
                                SpecialNames.NONE,
                                Vocabularies.trie(CODEC)),
                        Vocabularies.trie(CODEC));
        var random = new SplittableRandom(11);
        Constraint constraint = source.begin();
        long most = 0;
        int left = source.shortest() + 40;
        for (; left > 0 && !constraint.isExhausted(); left--) {
            long before = source.work();
            List<Integer> allowed = Walk.allowed(constraint.mask(left));
            most = Math.max(most, source.work() - before);
            assertThat(allowed).isNotEmpty();
            int token = allowed.get(random.nextInt(allowed.size()));
            assertThat(constraint.accept(token)).isTrue();
            if (token == ByteCodec.END) {
                break;
            }
        }
        assertThat(constraint.canEnd()).isTrue();
        // The bound, and at most one look per byte behind it.
        assertThat(most).isLessThan(4_000_000L);
        System.out.println("BombTest: at most " + most + " pairs per mask");
    }

    /** With a bound that every mask meets. */
    @ParameterizedTest
    @MethodSource("slow")
    void aBoundOfWorkLeavesTokensOutAndNothingElse(String grammar) {
        TokenTrie trie = Vocabularies.trie(CODEC);
        Grammar compiled = FormatGrammar.compile("f", new Ebnf(grammar), SpecialNames.NONE, trie);
        var whole = new MaskSource(compiled, trie);
        var bounded = new MaskSource(compiled, trie, Canonical.NONE, 40);
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        int masks = 0;
        int cut = 0;
        for (int walk = 0; walk < 20; walk++) {
            Constraint exact = whole.begin();
            Constraint constraint = bounded.begin();
            int left = bounded.shortest() + random.nextInt(20);
            for (; left > 0 && !constraint.isExhausted(); left--) {
                List<Integer> allowed = Walk.allowed(constraint.mask(left));
                List<Integer> all = Walk.allowed(exact.mask(left));
                assertThat(allowed).as("seed %d", seed).isNotEmpty();
                assertThat(all).as("seed %d", seed).containsAll(allowed);
                masks++;
                cut += all.size() > allowed.size() ? 1 : 0;
                int token = allowed.get(random.nextInt(allowed.size()));
                if (token == ByteCodec.END) {
                    break;
                }
                assertThat(constraint.accept(token) && exact.accept(token)).isTrue();
            }
            assertThat(constraint.canEnd()).as("seed %d", seed).isTrue();
        }
        System.out.println("BombTest: seed " + seed + ": " + masks + " masks, " + cut + " cut");
        assertThat(cut).isPositive();
    }

    /** Bounded by a length, a pattern has a state for every character that may come. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"string\", \"pattern\": \"^[0-9a-z._-]+[0-9]$\", \"maxLength\": 1500}",
                "{\"type\": \"string\", \"pattern\": \"^[\\\\w /-]+\\\\.[0-9a-zA-Z]+$\", \"minLength\": 3, \"maxLength\": 1024}"
            })
    void longTextsNeedNoDeepStack(String schema) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        Runnable compile =
                () -> {
                    var format = new OutputFormat.JsonSchema(JsonReader.read(schema));
                    Constraint constraint = GRAMMARS.compile("f", format).begin();
                    for (int token : CODEC.encode("\"ab.c7\"", false)) {
                        constraint.mask(Integer.MAX_VALUE);
                        assertThat(constraint.accept(token)).isTrue();
                    }
                    done.set(constraint.canEnd());
                };
        Thread small = new Thread(null, compile, "small stack", SMALL_STACK);
        small.setUncaughtExceptionHandler((_, thrown) -> failure.set(thrown));
        small.start();
        small.join();
        assertThat(failure.get()).isNull();
        assertThat(done).isTrue();
    }
}
