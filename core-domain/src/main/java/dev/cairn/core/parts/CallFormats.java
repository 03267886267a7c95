package dev.cairn.core.parts;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.AnyText;
import dev.cairn.ports.request.OutputFormat.Constant;
import dev.cairn.ports.request.OutputFormat.JsonSchema;
import dev.cairn.ports.request.OutputFormat.OneOf;
import dev.cairn.ports.request.OutputFormat.Regex;
import dev.cairn.ports.request.OutputFormat.SeparatedTags;
import dev.cairn.ports.request.OutputFormat.Sequence;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.OutputFormat.TriggeredTags;
import java.util.ArrayList;
import java.util.List;

/**
 * The formats that hold an answer to well-formed calls of given tools.
 *
 * @param pythonTag whether the vocabulary has Llama 3.1's token
 * @param single whether at most one call may be made
 */
record CallFormats(
        CallSpelling spelling, List<Tools.Tool> tools, boolean pythonTag, boolean single) {

    /** Beginnings of an answer by which Llama 3 has begun a call. */
    static final List<String> LLAMA3_BEGINNINGS = List.of("{\"name\"", "{\"type\": \"function\"");

    /** Text, or calls; a call that is begun is well formed. */
    OutputFormat auto() {
        return switch (spelling) {
            case HERMES, MISTRAL_NAMED ->
                    new TriggeredTags(List.of(marker()), tags(), false, single);
            case MISTRAL_LIST -> new TriggeredTags(List.of(marker()), List.of(list()), false, true);
            case LLAMA3 -> llama3();
            case LIST, BARE -> new AnyText();
        };
    }

    /** At least one call and no text. */
    OutputFormat required() {
        return switch (spelling) {
            case HERMES -> new SeparatedTags(tags(), "\n", true, single);
            case MISTRAL_NAMED -> new SeparatedTags(tags(), "", true, single);
            case MISTRAL_LIST -> list();
            case LLAMA3 -> new SeparatedTags(tags(), "; ", true, single);
            case LIST ->
                    new Sequence(
                            List.of(
                                    new Constant("["),
                                    new SeparatedTags(tags(), ", ", true, single),
                                    new Constant("]")));
            case BARE -> new JsonSchema(tools.getFirst().parameters());
        };
    }

    /** Texts before arguments, as the formats write them. */
    List<String> begins() {
        List<String> begins = new ArrayList<>();
        for (Tools.Tool tool : tools) {
            begins.add(spelling.begin(tool.name()));
            if (spelling == CallSpelling.LLAMA3) {
                begins.add(typed(tool.name()));
            }
        }
        return begins;
    }

    private String marker() {
        return spelling.marker().orElseThrow();
    }

    private List<Tag> tags() {
        return tools.stream().map(tool -> tag(spelling.begin(tool.name()), tool)).toList();
    }

    private Tag tag(String begin, Tools.Tool tool) {
        return new Tag(begin, new JsonSchema(tool.parameters()), spelling.end());
    }

    /** Mistral's sentencepiece models write a blank behind the token, others none. */
    private Tag list() {
        return new Tag(
                marker(),
                new Sequence(
                        List.of(new Regex(" ?\\["), new SeparatedTags(tags(), ", ", true, single))),
                "]");
    }

    /**
     * Nothing marks a call but how the answer begins, so text is what begins otherwise: a call
     * quoted within a text is text. Llama 3 also writes the type first, as the tools in its prompt
     * have it.
     */
    private OutputFormat llama3() {
        List<Tag> tags = new ArrayList<>(tags());
        tools.forEach(tool -> tags.add(tag(typed(tool.name()), tool)));
        var calls = new SeparatedTags(tags, "; ", true, single);
        List<OutputFormat> alternatives = new ArrayList<>();
        alternatives.add(calls);
        if (pythonTag) {
            alternatives.add(new Sequence(List.of(new Constant(CallSpelling.PYTHON_TAG), calls)));
        }
        alternatives.add(new Regex(notBeginningWith(LLAMA3_BEGINNINGS)));
        return new OneOf(alternatives);
    }

    private static String typed(String function) {
        return "{\"type\": \"function\", \"name\": \"" + function + "\", \"parameters\": ";
    }

    /** A regular expression of all texts that begin with none of some others. */
    static String notBeginningWith(List<String> beginnings) {
        StringBuilder others = new StringBuilder();
        StringBuilder branches = new StringBuilder();
        for (char next : beginnings.stream().map(text -> text.charAt(0)).distinct().toList()) {
            others.append(escaped(next));
            List<String> rest =
                    beginnings.stream()
                            .filter(text -> text.charAt(0) == next)
                            .map(text -> text.substring(1))
                            .toList();
            if (rest.stream().noneMatch(String::isEmpty)) {
                branches.append('|').append(escaped(next)).append(notBeginningWith(rest));
            }
        }
        return "([^" + others + "](.|\\n)*" + branches + ")?";
    }

    private static String escaped(char literal) {
        return (Character.isLetterOrDigit(literal) || literal == '"' || literal == ' ' ? "" : "\\")
                + literal;
    }
}
