package dev.cairn.core.grammar;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The right side of a rule: which bytes may stand there. Immutable. */
sealed interface Expression {

    /** No upper bound of a {@link Repeat}. */
    int UNBOUNDED = -1;

    /** Matches the empty text only. */
    Expression EMPTY = new Sequence(List.of());

    /** Matches nothing at all. */
    Expression NOTHING = new Choice(List.of());

    /** One byte of a set. */
    record Bytes(ByteSet set) implements Expression {}

    /** One after the other. */
    record Sequence(List<Expression> parts) implements Expression {

        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** Any one of them. */
    record Choice(List<Expression> options) implements Expression {

        public Choice {
            options = List.copyOf(options);
        }
    }

    /**
     * Again and again.
     *
     * @param most or {@link #UNBOUNDED}
     */
    record Repeat(Expression body, int least, int most) implements Expression {}

    /** What a rule matches. */
    record Call(int rule) implements Expression {}

    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    static Expression choice(Expression... options) {
        return new Choice(List.of(options));
    }

    static Expression optional(Expression body) {
        return new Repeat(body, 0, 1);
    }

    static Expression star(Expression body) {
        return new Repeat(body, 0, UNBOUNDED);
    }

    static Expression range(int low, int high) {
        return new Bytes(ByteSet.range(low, high));
    }

    /** One of some ASCII characters. */
    static Expression oneOf(String ascii) {
        ByteSet set = ByteSet.range(1, 0);
        for (int i = 0; i < ascii.length(); i++) {
            set = set.union(ByteSet.range(ascii.charAt(i), ascii.charAt(i)));
        }
        return new Bytes(set);
    }

    /** A text, byte by byte. */
    static Expression literal(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Expression[] parts = new Expression[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            parts[i] = range(bytes[i] & 0xff, bytes[i] & 0xff);
        }
        return parts.length == 1 ? parts[0] : sequence(parts);
    }
}
