package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.RequestRefused;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1,1000}){1,1000}){1,1000}",
                "(((((a{9}){9}){9}){9}){9}){9}",
                "a{99999999999}",
                "a{3,2}",
                "(?=a)b",
                "(?<!a)b",
                "(a)\\1",
                "\\bword",
                "a**",
                "a++",
                "[z-a]",
                "[]",
                "(a",
                "a)",
                "x^y",
                "(?i)a",
                "\\p{Script=Greek}",
                "a$b",
                "\\uD800"
            })
    void expressionsOutsideTheSubsetAreRefused(String regex) {
        refusedBy(
                () -> GrammarText.regex("structured_outputs.regex", regex),
                "structured_outputs.regex");
    }

    @Test
    void deepAndLongExpressionsAreRefused() {
        String deep = "(".repeat(5000) + "a" + ")".repeat(5000);
        refusedBy(() -> GrammarText.regex("f", deep), "deeper");
        refusedBy(() -> GrammarText.regex("f", "a".repeat(100_000)), "characters");
        refusedBy(() -> GrammarText.regex("f", "\\p{L}".repeat(3000)), "nodes");
    }

    @Test
    void grammarsThatCannotBeRunAreRefused() {
        refusedBy(
                () -> GrammarText.ebnf("g", "root ::= a\na ::= b \"x\"\nb ::= a | \"y\""),
                "left-recursive");
        refusedBy(() -> GrammarText.ebnf("g", "root ::= missing"), "missing");
        refusedBy(() -> GrammarText.ebnf("g", "a ::= \"b\""), "root");
        refusedBy(() -> GrammarText.ebnf("g", "root ::= root \"a\""), "no finite text");
        refusedBy(() -> GrammarText.ebnf("g", "%import common.WS\nstart: WS"), "%");
        refusedBy(() -> GrammarText.ebnf("g", "root ::= \"a"), "quote");
        refusedBy(() -> GrammarText.ebnf("g", "root ::= ((\"a\"{999}){999}){999}"), "rounds");
        refusedBy(() -> GrammarText.choice("c", List.of()), "c must have");
    }

    @Test
    void ambiguousTextsTakeBoundedWork() {
        Grammar grammar = GrammarText.ebnf("g", "root ::= s\ns ::= s s | s s s | \"a\"");
        var stepper = new Stepper(grammar, new Closing(grammar, Walk.TRIE));
        Configuration at = stepper.start();
        for (int i = 0; i < 200; i++) {
            at = stepper.advance(at, 'a');
            assertThat(at.states.length).isLessThanOrEqualTo(Stepper.MOST_ITEMS);
        }
        assertThat(stepper.work()).isLessThan(2_000_000);
        assertThat(at.mayEnd).isTrue();
    }

    @Test
    void boundsThatMultiplyOverRulesTakeBoundedWorkPerMask() {
        Grammar grammar =
                GrammarText.ebnf(
                        "g", "root ::= a{1,900}\na ::= b{1,900}\nb ::= c{1,900}\nc ::= \"a\"{1,9}");
        Constraint constraint = new MaskSource(grammar, Walk.TRIE).begin();
        for (int i = 0; i < 12 && !constraint.isStuck(); i++) {
            assertThat(constraint.accept(2 + 'a')).isTrue();
        }
        assertThat(constraint.canEnd()).isTrue();
    }

    @Test
    void manyRoundsCostNoStates() {
        Grammar grammar = GrammarText.regex("f", "([a-z]{0,20000},)?b");
        assertThat(grammar.firstCounted).isLessThan(50);
    }

    private static void refusedBy(ThrowingCallable call, String says) {
        assertThatThrownBy(call).isInstanceOf(RequestRefused.class).hasMessageContaining(says);
    }
}
