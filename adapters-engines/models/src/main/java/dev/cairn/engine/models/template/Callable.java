package dev.cairn.engine.models.template;

import java.util.List;
import java.util.Map;

/** A function as templates see it: macros, methods, globals. */
@FunctionalInterface
interface Callable {

    Object call(Arguments arguments);

    /** Evaluated arguments of one call. */
    record Arguments(List<Object> positional, Map<String, Object> named) {

        static final Arguments NONE = new Arguments(List.of(), Map.of());

        static Arguments of(Object... positional) {
            return new Arguments(java.util.Arrays.asList(positional), Map.of());
        }

        int count() {
            return positional.size() + named.size();
        }

        /** The argument at a position or under a name, else the default. */
        Object get(int position, String name, Object otherwise) {
            if (position < positional.size()) {
                return positional.get(position);
            }
            return named.containsKey(name) ? named.get(name) : otherwise;
        }

        Object required(int position, String name) {
            if (position >= positional.size() && !named.containsKey(name)) {
                throw JinjaException.fault("the argument '" + name + "' is missing");
            }
            return get(position, name, null);
        }

        String text(int position, String name, String otherwise) {
            Object value = get(position, name, otherwise);
            if (value == null || value instanceof String) {
                return (String) value;
            }
            throw JinjaException.fault(
                    "the argument '" + name + "' must be a string, got " + Values.typeName(value));
        }

        int integer(int position, String name, int otherwise) {
            Object value = get(position, name, null);
            return value == null ? otherwise : Values.toInt(value, "the argument '" + name + "'");
        }

        boolean truth(int position, String name, boolean otherwise) {
            return Values.truth(get(position, name, otherwise));
        }

        Arguments withoutFirst() {
            return new Arguments(
                    positional.subList(Math.min(1, positional.size()), positional.size()), named);
        }
    }
}
