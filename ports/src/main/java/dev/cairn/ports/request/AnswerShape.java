package dev.cairn.ports.request;

import java.util.Optional;

/**
 * What parts an answer has, as a client asked for it.
 *
 * @param format what its text must look like; excludes tool calls
 * @param formatField OpenAI's name of the field that asked for the format, for errors; empty
 *     without a format
 * @param toolChoice {@link ToolChoice.None} where the conversation has no tools
 * @param parallelToolCalls whether more than one call may be made
 * @param separateReasoning whether what the model thinks is told apart from what it says
 */
public record AnswerShape(
        Optional<OutputFormat> format,
        String formatField,
        ToolChoice toolChoice,
        boolean parallelToolCalls,
        boolean separateReasoning) {

    /** Text and nothing else. */
    public static final AnswerShape TEXT =
            new AnswerShape(Optional.empty(), "", new ToolChoice.None(), true, false);
}
