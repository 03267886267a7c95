package dev.cairn.engine.models.template;

/**
 * A template that cannot be compiled or rendered, worded for the client whose conversation it was.
 */
public final class JinjaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean raisedByTemplate;
    private final int line;

    private JinjaException(String message, int line, boolean raisedByTemplate) {
        super(message);
        this.line = line;
        this.raisedByTemplate = raisedByTemplate;
    }

    /** A fault at a place that is not known yet: {@link #at} adds it on the way out. */
    static JinjaException fault(String message) {
        return new JinjaException(message, 0, false);
    }

    static JinjaException fault(String message, int line) {
        return new JinjaException("chat template, line " + line + ": " + message, line, false);
    }

    /**
     * The template's own refusal by {@code raise_exception}: its words alone, as the Python engine
     * reports it.
     */
    static JinjaException raised(String message) {
        return new JinjaException(message, 0, true);
    }

    /** This fault with a line, unless it already has one or speaks for itself. */
    JinjaException at(int lineOfNode) {
        return raisedByTemplate || line > 0 || lineOfNode <= 0
                ? this
                : fault(getMessage(), lineOfNode);
    }

    /** Whether the template refused by {@code raise_exception}, as opposed to failing. */
    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }
}
