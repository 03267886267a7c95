package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A schema as one document: which draft it is written in, and what its references point to (JSON
 * pointers, anchors, and identifiers of schemas that it embeds; RFC 6901, RFC 3986).
 */
final class SchemaDocument {

    private static final int MOST_DEPTH = 200;
    private static final Set<String> ONE =
            Set.of(
                    "additionalProperties",
                    "additionalItems",
                    "items",
                    "not",
                    "if",
                    "then",
                    "else",
                    "contains",
                    "propertyNames",
                    "unevaluatedProperties",
                    "unevaluatedItems");
    private static final Set<String> SEVERAL =
            Set.of("allOf", "anyOf", "oneOf", "prefixItems", "items");
    private static final Set<String> NAMED =
            Set.of(
                    "properties",
                    "patternProperties",
                    "$defs",
                    "definitions",
                    "dependentSchemas",
                    "dependencies");

    private final GrammarRules rules;
    private final SchemaTerm root;
    private final boolean old;
    private final boolean draft4;
    private final Map<String, SchemaTerm> places = new HashMap<>();
    private final Map<String, SchemaTerm> anchors = new HashMap<>();
    private final Set<String> dynamic = new HashSet<>();
    private final Map<String, SchemaTerm> known = new HashMap<>();

    SchemaDocument(JsonValue schema, GrammarRules rules) {
        this.rules = rules;
        String draft =
                schema instanceof JsonObject object
                                && object.member("$schema") instanceof JsonString(var name)
                        ? name
                        : "";
        this.draft4 = draft.contains("draft-03") || draft.contains("draft-04");
        this.old = draft4 || draft.contains("draft-06") || draft.contains("draft-07");
        this.root = new SchemaTerm(schema, based("", schema), false);
        places.put("", root);
        index(schema, "", 0);
    }

    SchemaTerm root() {
        return root;
    }

    /** Whether a {@code $ref} hides the keywords beside it, as drafts 3 to 7 have it. */
    boolean referenceStandsAlone() {
        return old;
    }

    /** A part of a term's schema, with its own base. */
    SchemaTerm part(SchemaTerm of, JsonValue schema) {
        return new SchemaTerm(schema, based(of.base(), schema), false);
    }

    /**
     * What a reference points to.
     *
     * @throws dev.cairn.ports.request.RequestRefused if it is not in this document
     */
    SchemaTerm referred(SchemaTerm from, JsonValue reference) {
        if (!(reference instanceof JsonString(var text))) {
            throw rules.refused("has a \"$ref\" that is no string");
        }
        String target = resolve(from.base(), text);
        SchemaTerm before = known.get(target);
        if (before != null) {
            return before;
        }
        int hash = target.indexOf('#');
        String document = hash < 0 ? target : target.substring(0, hash);
        String fragment = hash < 0 ? "" : decoded(target.substring(hash + 1));
        SchemaTerm place = places.get(document);
        if (place == null) {
            throw rules.refused(
                    "has a \"$ref\" to another document, "
                            + shown(text)
                            + ", which is not fetched; put it under \"$defs\"");
        }
        SchemaTerm found =
                fragment.isEmpty() || fragment.startsWith("/")
                        ? pointed(place, fragment, text)
                        : anchors.get(document + "#" + fragment);
        if (found == null) {
            throw rules.refused("has a \"$ref\" to " + shown(text) + ", which is not there");
        }
        known.put(target, found);
        return found;
    }

    /** The target of {@code $dynamicRef}, where every resource has the same one. */
    SchemaTerm dynamicallyReferred(SchemaTerm from, String keyword, JsonValue reference) {
        if (dynamic.size() > 1) {
            throw rules.refused(
                    "has the keyword \""
                            + keyword
                            + "\" with several targets, which cannot be held exactly; write \"$ref\"");
        }
        return referred(from, reference);
    }

    private SchemaTerm pointed(SchemaTerm place, String pointer, String text) {
        JsonValue at = place.schema();
        String base = place.base();
        String[] steps = pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1);
        for (String step : steps) {
            String name = step.replace("~1", "/").replace("~0", "~");
            at =
                    switch (at) {
                        case JsonObject object -> object.member(name);
                        case JsonArray(var values) when name.matches("[0-9]{1,6}") -> {
                            int index = Integer.parseInt(name);
                            yield index < values.size() ? values.get(index) : null;
                        }
                        default -> null;
                    };
            if (at == null) {
                throw rules.refused("has a \"$ref\" to " + shown(text) + ", which is not there");
            }
            base = based(base, at);
        }
        return new SchemaTerm(at, base, false);
    }

    private void index(JsonValue schema, String outer, int depth) {
        if (!(schema instanceof JsonObject(var members))) {
            return;
        }
        if (depth > MOST_DEPTH) {
            throw rules.refused("nests schemas deeper than " + MOST_DEPTH);
        }
        String base = based(outer, schema);
        if (!base.equals(outer)) {
            places.putIfAbsent(base, new SchemaTerm(schema, base, false));
        }
        note(schema, base, members);
        members.forEach(
                (keyword, value) -> {
                    if (SEVERAL.contains(keyword) && value instanceof JsonArray(var parts)) {
                        parts.forEach(part -> index(part, base, depth + 1));
                    } else if (ONE.contains(keyword)) {
                        index(value, base, depth + 1);
                    } else if (NAMED.contains(keyword) && value instanceof JsonObject(var parts)) {
                        parts.values().forEach(part -> index(part, base, depth + 1));
                    }
                });
    }

    private void note(JsonValue schema, String base, Map<String, JsonValue> members) {
        for (String keyword : new String[] {"$anchor", "$dynamicAnchor"}) {
            if (members.get(keyword) instanceof JsonString(var name)) {
                anchors.putIfAbsent(base + "#" + name, new SchemaTerm(schema, base, false));
            }
        }
        if (identifier(schema) instanceof String id && id.startsWith("#") && id.length() > 1) {
            anchors.putIfAbsent(base + id, new SchemaTerm(schema, base, false));
        }
        if (members.get("$dynamicAnchor") instanceof JsonString(var name)) {
            dynamic.add(base + "#" + name);
        }
        if (members.get("$recursiveAnchor") instanceof JsonValue.JsonBoolean(boolean on) && on) {
            dynamic.add(base);
        }
    }

    private String based(String outer, JsonValue schema) {
        String id = identifier(schema);
        if (id == null || id.startsWith("#")) {
            return outer;
        }
        String whole = resolve(outer, id);
        int hash = whole.indexOf('#');
        return hash < 0 ? whole : whole.substring(0, hash);
    }

    private String identifier(JsonValue schema) {
        if (!(schema instanceof JsonObject object)
                || old && object.member("$ref") != null
                || !(object.member(draft4 ? "id" : "$id") instanceof JsonString(var id))) {
            return null;
        }
        return id;
    }

    private static String resolve(String base, String reference) {
        if (reference.startsWith("#")) {
            return base + reference;
        }
        try {
            URI uri = new URI(reference);
            if (base.isEmpty() || uri.isAbsolute()) {
                return uri.toString();
            }
            URI from = new URI(base);
            return from.isOpaque() ? reference : from.resolve(uri).toString();
        } catch (java.net.URISyntaxException noUri) {
            return reference;
        }
    }

    private static String decoded(String fragment) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noEscape) {
            return fragment;
        }
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) : text;
    }
}
