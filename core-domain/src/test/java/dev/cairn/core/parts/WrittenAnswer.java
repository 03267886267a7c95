package dev.cairn.core.parts;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An answer as a model writes it, and what is in it.
 *
 * @param speech without space
 * @param calls each as {@code name(arguments)}
 */
record WrittenAnswer(
        CallSpelling spelling, String text, String thoughts, String speech, List<String> calls) {

    private static final List<String> WORDS =
            List.of(
                    "so",
                    " ",
                    "\n",
                    "<tool",
                    "<<",
                    "[TOOL_CALL",
                    "[",
                    "{",
                    "}",
                    "]",
                    "😀",
                    "é",
                    "</th",
                    "a, b; c",
                    "<|python",
                    "\"",
                    "</tool_call>");

    /** JSON strings with everything in them that ends something elsewhere. */
    private static final List<String> STRINGS =
            List.of(
                    "\"\"",
                    "\"}\"",
                    "\"]\"",
                    "\"\\\"\"",
                    "\"\\\\\"",
                    "\"é😀\"",
                    "\"a;b,c:\"",
                    "\"</tool_call>\"",
                    "\"[ARGS]\"",
                    "\"\\u00e9\\n\"",
                    "\"</think>\"");

    static WrittenAnswer random(CallSpelling spelling, RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        String thoughts = "";
        if (random.nextInt(3) == 0) {
            thoughts = "x" + words(random).replace("</th", "").strip();
            text.append("<think>\n").append(thoughts).append("\n</think>\n\n");
        }
        String speech = "";
        boolean anywhere = spelling.marker().isPresent();
        if (anywhere && random.nextBoolean()) {
            speech = words(random);
            text.append(speech);
        }
        List<String> calls = new ArrayList<>();
        int count = spelling == CallSpelling.BARE ? 1 : 1 + random.nextInt(3);
        text.append(
                switch (spelling) {
                    case MISTRAL_LIST -> "[TOOL_CALLS] [";
                    case LIST -> "[";
                    case HERMES, LLAMA3, MISTRAL_NAMED, BARE -> "";
                });
        for (int i = 0; i < count; i++) {
            String function = random.nextBoolean() && count > 1 ? "get_weather" : "f";
            String arguments = object(random, 2);
            text.append(i == 0 ? "" : between(spelling));
            text.append(spelling.begin(function)).append(arguments).append(spelling.end());
            calls.add(function + "(" + arguments + ")");
        }
        text.append(
                switch (spelling) {
                    case MISTRAL_LIST, LIST -> "]";
                    case HERMES, LLAMA3, MISTRAL_NAMED, BARE -> "";
                });
        return new WrittenAnswer(
                spelling, text.toString(), thoughts, speech.replaceAll("\\s", ""), calls);
    }

    private static String between(CallSpelling spelling) {
        return switch (spelling) {
            case HERMES -> "\n";
            case LLAMA3 -> "; ";
            case MISTRAL_LIST, LIST -> ", ";
            case MISTRAL_NAMED, BARE -> "";
        };
    }

    private static String words(RandomGenerator random) {
        StringBuilder words = new StringBuilder("w");
        for (int i = random.nextInt(4); i >= 0; i--) {
            words.append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return words.toString();
    }

    private static String object(RandomGenerator random, int depth) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            members.add(
                    STRINGS.get(random.nextInt(STRINGS.size()))
                            + (random.nextBoolean() ? ": " : ":")
                            + value(random, depth));
        }
        // Names appear once, or a reader refuses the object.
        return "{" + String.join(random.nextBoolean() ? ", " : ",", distinct(members)) + "}";
    }

    private static List<String> distinct(List<String> members) {
        List<String> kept = new ArrayList<>();
        for (String member : members) {
            if (kept.stream().noneMatch(other -> key(other).equals(key(member)))) {
                kept.add(member);
            }
        }
        return kept;
    }

    private static String key(String member) {
        return member.substring(0, JsonScan.skipString(member, 0));
    }

    private static String value(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> "-1.5e3";
            case 1 -> random.nextBoolean() ? "true" : "null";
            case 2 -> STRINGS.get(random.nextInt(STRINGS.size()));
            case 3 -> "[" + value(random, depth - 1) + ", " + value(random, depth - 1) + "]";
            default -> object(random, depth - 1);
        };
    }
}
