package dev.cairn.core.grammar;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.OutputFormat.TriggeredTags;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Says by search, without a grammar, whether a text is one of triggered tags. */
final class TagReference {

    private final TriggeredTags format;
    private final String text;

    private TagReference(TriggeredTags format, String text) {
        this.format = format;
        this.text = text;
    }

    static boolean matches(TriggeredTags format, String text) {
        var reference = new TagReference(format, text);
        if (!format.atLeastOne()) {
            return reference.free(0);
        }
        return format.tags().stream().anyMatch(tag -> reference.after(tag, tag.begin(), 0));
    }

    /** Whether the text from a place on is free text and tags. */
    private boolean free(int from) {
        for (int end = from + 1; end <= text.length(); end++) {
            List<String> complete = new ArrayList<>();
            for (String trigger : format.triggers()) {
                if (end - trigger.length() >= from && text.substring(from, end).endsWith(trigger)) {
                    complete.add(trigger);
                }
            }
            if (!complete.isEmpty()) {
                int at = end;
                return complete.stream()
                        .anyMatch(
                                trigger ->
                                        format.tags().stream()
                                                .filter(tag -> tag.begin().startsWith(trigger))
                                                .anyMatch(
                                                        tag ->
                                                                after(
                                                                        tag,
                                                                        tag.begin()
                                                                                .substring(
                                                                                        trigger
                                                                                                .length()),
                                                                        at)));
            }
        }
        return true;
    }

    /** Whether a tag, of whose begin only the rest is due, and what may follow it stand there. */
    private boolean after(Tag tag, String begin, int from) {
        if (!text.startsWith(begin, from)) {
            return false;
        }
        int content = from + begin.length();
        for (int end = content; end <= text.length(); end++) {
            if (text.startsWith(tag.end(), end)
                    && holds(tag.content(), text.substring(content, end), tag.end())) {
                int behind = end + tag.end().length();
                if (format.stopAfterFirst() ? behind == text.length() : free(behind)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean holds(OutputFormat content, String text, String end) {
        return switch (content) {
            case OutputFormat.AnyText _ -> (text + end).indexOf(end) == text.length();
            case OutputFormat.Regex(var pattern) -> Pattern.matches(pattern, text);
            default -> throw new IllegalArgumentException(content + " is not of this test");
        };
    }
}
