package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Node.Statement;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A compiled chat template.
 *
 * <p>Threads: immutable, safe for concurrent use; each rendering has its own state.
 */
public final class ChatTemplate {

    /** Longest template source, in characters. Published ones stay below 40 thousand. */
    public static final int MAX_SOURCE = 1 << 20;

    /**
     * Steps, elements and eighths of characters that a rendering may use, besides its share of the
     * input.
     */
    private static final long BASE_WORK = 5_000_000;

    /**
     * The same for each character or element that goes in: published templates pass over messages a
     * few times.
     */
    private static final long WORK_FOR_INPUT = 64;

    /** Longest text that a rendering may build from little input, in characters. */
    private static final long BASE_TEXT = 1 << 22;

    private static final long TEXT_FOR_INPUT = 8;

    private final String source;
    private final List<Statement> statements;

    private ChatTemplate(String source, List<Statement> statements) {
        this.source = source;
        this.statements = statements;
    }

    /**
     * @throws JinjaException if the text is no template of the supported part of Jinja; the message
     *     has the line
     */
    public static ChatTemplate compile(String source) {
        if (source.length() > MAX_SOURCE) {
            throw JinjaException.fault("the template is longer than " + MAX_SOURCE + " characters");
        }
        return new ChatTemplate(source, Parser.parse(source));
    }

    public String source() {
        return source;
    }

    /**
     * Renders with the given variables.
     *
     * @param variables null, {@code Boolean}, {@code Long}, {@code BigInteger}, {@code Double},
     *     {@code String}, {@code List} and {@code Map} of these; read, never changed
     * @param clock what {@code strftime_now} reads
     * @throws JinjaException if the template fails, refuses, or takes more than its bounds
     */
    public String render(Map<String, Object> variables, Clock clock) {
        long input = size(variables);
        Budget budget =
                new Budget(
                        BASE_WORK + WORK_FOR_INPUT * input,
                        (int) Math.min(Integer.MAX_VALUE, BASE_TEXT + TEXT_FOR_INPUT * input));
        Scope globals = new Scope(null, new Globals(budget, clock).functions());
        Scope context = new Scope(globals, new HashMap<>(variables));
        return new Interpreter(budget).render(statements, new Scope(context));
    }

    /** Characters and elements of a value. */
    private static long size(Object value) {
        return switch (value) {
            case String text -> text.length();
            case List<?> list -> list.size() + list.stream().mapToLong(ChatTemplate::size).sum();
            case Map<?, ?> map ->
                    map.size() + map.values().stream().mapToLong(ChatTemplate::size).sum();
            case null, default -> 1;
        };
    }
}
