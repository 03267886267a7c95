package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EbnfGrammarTest {

    private static final String ARITHMETIC =
            """
            # left recursion, several lines, groups
            root ::= expr
            expr ::= expr ("+" | "-") term
                   | term
            term ::= factor ([*/] factor)*
            factor ::= [0-9]+ | "(" expr ")"
            """;

    private static final String LARK =
            """
            start: "a" [ "b" ] item+   // brackets are optional in Lark
            item: /x{2}|[yz]/ | "0".."3"
            """;

    @ParameterizedTest
    @CsvSource({
        "1+2*(3-4), true",
        "1, true",
        "1+, false",
        "((1)), true",
        "((1), false",
        "1-2-3/4, true"
    })
    void gbnf(String text, boolean taken) {
        assertThat(Walk.accepts(source(ARITHMETIC), text)).isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({"abxx, true", "ay2, true", "ab, false", "ax, false", "axx3z, true", "a4, false"})
    void lark(String text, boolean taken) {
        assertThat(Walk.accepts(source(LARK), text)).isEqualTo(taken);
    }

    @Test
    void rightRecursionKeepsTheStackFlat() {
        Grammar grammar = GrammarText.ebnf("g", "root ::= \"a\" root | \"b\"");
        var stepper = new Stepper(grammar, new Closing(grammar, Walk.TRIE));
        Configuration once = stepper.advance(stepper.start(), 'a');
        Configuration later = once;
        for (int i = 0; i < 1000; i++) {
            later = stepper.advance(later, 'a');
        }
        assertThat(later).isEqualTo(once);
    }

    @Test
    void choiceTakesEachTextAndNothingElse() {
        var source =
                new MaskSource(
                        GrammarText.choice("c", List.of("abc", "abcab", "é", "")), Walk.TRIE);
        assertThat(List.of("abc", "abcab", "é", "")).allMatch(t -> Walk.accepts(source, t));
        assertThat(List.of("ab", "abca", "x")).noneMatch(t -> Walk.accepts(source, t));
    }

    @Test
    void aCopyGoesItsOwnWayAndReplayFindsThePlace() {
        Constraint one = source(ARITHMETIC).begin();
        assertThat(one.accept(2 + '1')).isTrue();
        Constraint two = one.copy();
        assertThat(two.accept(2 + '+')).isTrue();
        assertThat(one.canEnd()).isTrue();
        assertThat(two.canEnd()).isFalse();
        Constraint moved = source(ARITHMETIC).begin();
        assertThat(moved.replay(List.of(2 + '1', 2 + '+'))).isTrue();
        assertThat(moved.mask()).isEqualTo(two.mask());
        assertThat(one.accept(1)).isTrue();
        assertThat(one.isExhausted()).isTrue();
        assertThat(one.accept(2 + '1')).isFalse();
        assertThat(Walk.allowed(one.mask())).isEmpty();
    }

    private static MaskSource source(String grammar) {
        return new MaskSource(GrammarText.ebnf("grammar", grammar), Walk.TRIE);
    }
}
