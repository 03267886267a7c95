package dev.cairn.engine.models.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} makes: the one thing that a template can change from an inner scope. */
final class Namespace {

    private final Map<String, Object> values = new LinkedHashMap<>();

    boolean has(String name) {
        return values.containsKey(name);
    }

    Object get(String name) {
        return values.get(name);
    }

    void set(String name, Object value) {
        if (name.startsWith("_")) {
            throw JinjaException.fault(
                    "a namespace cannot store '" + name + "': its name starts with an underscore");
        }
        values.put(name, value);
    }
}
