package dev.cairn.engine.remote;

import dev.cairn.engine.remote.JsonScan.Kind;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges a body before it goes anywhere: JSON to the last byte, and the fields that matter of the
 * types that OpenAI's API gives them. What else is wrong with it the engine says; it is asked once.
 *
 * <p>Threads: one; used again and again.
 */
final class BodyCheck {

    private static final int MOST_MODEL = 512;

    private static final Set<Kind> STRING = EnumSet.of(Kind.STRING);
    private static final Set<Kind> SALT = EnumSet.of(Kind.STRING, Kind.NULL);
    private static final Set<Kind> ARRAY = EnumSet.of(Kind.ARRAY);
    private static final Set<Kind> TEXT = EnumSet.of(Kind.STRING, Kind.ARRAY);
    private static final Set<Kind> NUMBER = EnumSet.of(Kind.NUMBER, Kind.NULL);
    private static final Set<Kind> FLAG = EnumSet.of(Kind.TRUE, Kind.FALSE, Kind.NULL);
    private static final Set<Kind> OBJECT = EnumSet.of(Kind.OBJECT, Kind.NULL);
    private static final Set<Kind> LIST = EnumSet.of(Kind.ARRAY, Kind.NULL);
    private static final Set<Kind> OPTIONAL_TEXT = EnumSet.of(Kind.STRING, Kind.ARRAY, Kind.NULL);

    private static final Map<String, Set<Kind>> TYPES =
            Map.ofEntries(
                    Map.entry("model", STRING),
                    Map.entry("messages", ARRAY),
                    Map.entry("prompt", TEXT),
                    Map.entry("input", TEXT),
                    Map.entry("stream", FLAG),
                    Map.entry("stream_options", OBJECT),
                    Map.entry("max_tokens", NUMBER),
                    Map.entry("max_completion_tokens", NUMBER),
                    Map.entry("n", NUMBER),
                    Map.entry("seed", NUMBER),
                    Map.entry("temperature", NUMBER),
                    Map.entry("top_p", NUMBER),
                    Map.entry("presence_penalty", NUMBER),
                    Map.entry("frequency_penalty", NUMBER),
                    Map.entry("cache_salt", SALT),
                    Map.entry("stop", OPTIONAL_TEXT),
                    Map.entry("tools", LIST),
                    Map.entry("response_format", OBJECT),
                    Map.entry("logit_bias", OBJECT));

    private static final Set<String> WHOLE =
            Set.of("max_tokens", "max_completion_tokens", "n", "seed");

    private final JsonScan scan;
    private final List<String> names = new ArrayList<>();

    BodyCheck(int maxDepth) {
        this.scan = new JsonScan(maxDepth);
    }

    /**
     * What was found.
     *
     * @param model empty if none was named
     * @param streams whether the answer is to come as events
     * @param salt {@code cache_salt}; empty if there is none
     * @param prompt slices of the body
     * @param fields where P/D dialects cut; empty if nobody needs to know
     */
    record Checked(
            String model,
            boolean streams,
            String salt,
            List<MemorySegment> prompt,
            List<BodyField> fields) {}

    /**
     * Judges one.
     *
     * @param edits whether a dialect may want to change the body
     * @throws RequestRefused naming the field that is wrong
     */
    Checked check(RelayedPath path, MemorySegment body, boolean edits) {
        if (body.byteSize() == 0) {
            throw Refusals.badJson("the body is empty", 0);
        }
        scan.read(body);
        names.clear();
        String model = "";
        boolean streams = false;
        String salt = "";
        for (int member = 0; member < scan.members(); member++) {
            String name = name(member);
            Set<Kind> types = TYPES.get(name);
            if (types != null) {
                demandOnce(name);
                demandType(name, member, types);
            }
            names.add(name);
            switch (name) {
                case "model" -> model = model(member);
                case "stream" -> streams = scan.kind(member) == Kind.TRUE;
                case "messages" -> demandMessages(member);
                case "cache_salt" -> salt = salt(member);
                default -> {}
            }
        }
        for (String required : path.required()) {
            if (!names.contains(required)) {
                throw Refusals.invalid(required, required + " is missing; it is required");
            }
        }
        return new Checked(model, streams, salt, prompt(path), edits ? fields() : List.of());
    }

    private String name(int member) {
        return resolved(scan.name(member));
    }

    private static String resolved(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        return JsonReader.read("\"" + raw + "\"") instanceof JsonString(var text) ? text : raw;
    }

    /** Of two the engine takes one, and nobody can know which. */
    private void demandOnce(String name) {
        if (names.contains(name)) {
            throw Refusals.invalid(name, name + " is given twice; give it once");
        }
    }

    private void demandType(String name, int member, Set<Kind> types) {
        Kind kind = scan.kind(member);
        if (!types.contains(kind)) {
            throw Refusals.invalid(name, name + " must be " + words(types) + ", got " + word(kind));
        }
        if (kind == Kind.NUMBER && WHOLE.contains(name)) {
            String text = scan.text(member);
            boolean isWhole = text.chars().allMatch(one -> one == '-' || Character.isDigit(one));
            if (!isWhole || (text.startsWith("-") && !name.equals("seed"))) {
                throw Refusals.invalid(
                        name, name + " must be a whole number, got " + Refusals.quoted(text));
            }
            if (name.equals("n") && text.matches("0+")) {
                throw Refusals.invalid(name, "n must be at least 1, got 0");
            }
        }
    }

    private String model(int member) {
        String model = resolved(scan.text(member));
        if (model.isEmpty() || model.length() > MOST_MODEL) {
            throw Refusals.invalid(
                    "model",
                    "model must be the name of a model, got " + Refusals.quoted(scan.text(member)));
        }
        return model;
    }

    private String salt(int member) {
        return scan.kind(member) == Kind.NULL ? "" : resolved(scan.text(member));
    }

    private void demandMessages(int member) {
        if (scan.isEmptyArray(member)) {
            throw Refusals.invalid("messages", "messages must have at least one message, got none");
        }
        if (!scan.hasOnly(member, Kind.OBJECT)) {
            throw Refusals.invalid("messages", "messages must be objects with role and content");
        }
    }

    private List<MemorySegment> prompt(RelayedPath path) {
        List<MemorySegment> prompt = new ArrayList<>(2);
        for (String field : path.prompt()) {
            int member = names.indexOf(field);
            if (member >= 0) {
                prompt.add(scan.value(member));
            }
        }
        return prompt;
    }

    private List<BodyField> fields() {
        List<BodyField> fields = new ArrayList<>(names.size());
        for (int member = 0; member < names.size(); member++) {
            fields.add(
                    new BodyField(
                            names.get(member),
                            scan.nameFrom(member),
                            scan.valueFrom(member),
                            scan.valueTo(member)));
        }
        return fields;
    }

    private static String words(Set<Kind> kinds) {
        List<String> words = new ArrayList<>();
        for (Kind kind : kinds) {
            if (kind != Kind.NULL && kind != Kind.FALSE) {
                words.add(kind == Kind.TRUE ? "true or false" : word(kind));
            }
        }
        return String.join(" or ", words);
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case TRUE -> "true";
            case FALSE -> "false";
            case NULL -> "null";
        };
    }
}
