package dev.cairn.engine.models.template;

import java.util.HashMap;
import java.util.Map;

/** Variables of one block, looked up outwards. */
final class Scope {

    private static final Object MISSING = new Object();

    private final Scope outer;
    private final Map<String, Object> variables;

    Scope(Scope outer) {
        this(outer, new HashMap<>());
    }

    Scope(Scope outer, Map<String, Object> variables) {
        this.outer = outer;
        this.variables = variables;
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.variables.getOrDefault(name, MISSING);
            if (value != MISSING) {
                return value;
            }
        }
        return Undefined.name(name);
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }
}
