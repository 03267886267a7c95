package dev.cairn.ports.request;

/** Why an answer ended well. Failures are {@link RequestProblem}s, never finish reasons. */
public enum FinishReason {
    /** End of sequence, a stop token or a stop string. */
    STOP("stop"),
    /** Budget or context used up. */
    LENGTH("length"),
    /** The model called tools. */
    TOOL_CALLS("tool_calls");

    private final String label;

    FinishReason(String label) {
        this.label = label;
    }

    /** As OpenAI's API writes it. */
    public String label() {
        return label;
    }
}
