package dev.cairn.ports.request;

/** Whether and how an answer calls the tools of its conversation. */
public sealed interface ToolChoice {

    /** No calls; the text is the text. */
    record None() implements ToolChoice {}

    /** Text, or calls, as the model likes; calls are held to the tools' schemas. */
    record Auto() implements ToolChoice {}

    /** At least one call and no text. */
    record Required() implements ToolChoice {}

    /** One call of this function. */
    record Named(String function) implements ToolChoice {}
}
