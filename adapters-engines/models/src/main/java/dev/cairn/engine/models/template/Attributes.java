package dev.cairn.engine.models.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Attribute and item access with the precedence of Jinja's sandbox, and the methods of containers.
 */
final class Attributes {

    private static final Set<String> MUTATORS =
            Set.of(
                    "append",
                    "clear",
                    "extend",
                    "insert",
                    "pop",
                    "popitem",
                    "remove",
                    "reverse",
                    "setdefault",
                    "sort",
                    "update");

    private final TextMethods texts;
    private final Budget budget;

    Attributes(Budget budget) {
        this.budget = budget;
        this.texts = new TextMethods(budget);
    }

    /** {@code owner.name}: an attribute of the object first, then an item. */
    Object attribute(Object owner, String name) {
        if (owner instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (owner instanceof Loop loop) {
            return loop.attribute(name);
        }
        Object value = ownAttribute(owner, name);
        if (value != null) {
            return value;
        }
        if (owner instanceof Map<?, ?> map && map.containsKey(name)) {
            return map.get(name);
        }
        return owner instanceof Namespace namespace && namespace.has(name)
                ? namespace.get(name)
                : Undefined.attribute(owner, name);
    }

    /** {@code owner[key]}: an item first, then an attribute. */
    Object item(Object owner, Object key) {
        switch (owner) {
            case Undefined undefined -> throw undefined.fault();
            case Map<?, ?> map -> {
                if (Values.isKey(key) && map.containsKey(key)) {
                    return map.get(key);
                }
            }
            case Loop loop when key instanceof String name -> {
                return loop.attribute(name);
            }
            case Namespace namespace when key instanceof String name && namespace.has(name) -> {
                return namespace.get(name);
            }
            case List<?> list when Values.isInteger(key) || key instanceof Boolean -> {
                int index = Values.toInt(key, "an index");
                return inRange(index, list.size())
                        ? Values.element(list, index)
                        : Undefined.attribute(owner, key);
            }
            case String text when Values.isInteger(key) -> {
                Object character = Values.element(text, Values.toInt(key, "an index"));
                return character == null ? Undefined.attribute(owner, key) : character;
            }
            case null, default -> {}
        }
        Object value = key instanceof String name ? ownAttribute(owner, name) : null;
        return value != null ? value : Undefined.attribute(owner, key);
    }

    private static boolean inRange(int index, int size) {
        return index >= -size && index < size;
    }

    private Object ownAttribute(Object owner, String name) {
        if (name.startsWith("_") && !(owner instanceof Map)) {
            return unsafe(owner, name);
        }
        Object value =
                switch (owner) {
                    case String text -> texts.method(text, name);
                    case Map<?, ?> map -> mapMethod(map, name);
                    case List<?> list -> listMethod(list, name);
                    case Macro macro when name.equals("name") -> macro.name();
                    case null, default -> null;
                };
        boolean mutable =
                owner instanceof Map || (owner instanceof List && !(owner instanceof Tuple));
        return value == null
                        && mutable
                        && MUTATORS.contains(name)
                        && !(owner instanceof Map<?, ?> map && !mapMutator(name))
                ? unsafe(owner, name)
                : value;
    }

    private static boolean mapMutator(String name) {
        return Set.of("clear", "pop", "popitem", "setdefault", "update").contains(name);
    }

    private static Undefined unsafe(Object owner, String name) {
        return new Undefined(
                "access to attribute '"
                        + name
                        + "' of '"
                        + Values.typeName(owner)
                        + "' object is unsafe.");
    }

    private Callable mapMethod(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> _ -> items(map);
            case "keys" -> _ -> listed(map.keySet());
            case "values" -> _ -> listed(map.values());
            case "get" ->
                    arguments -> {
                        Object key = Values.key(arguments.required(0, "key"));
                        return map.containsKey(key)
                                ? map.get(key)
                                : arguments.get(1, "default", null);
                    };
            case "copy" -> _ -> new java.util.LinkedHashMap<>(map);
            default -> null;
        };
    }

    List<Object> items(Map<?, ?> map) {
        budget.spend(map.size());
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return items;
    }

    private List<Object> listed(java.util.Collection<?> values) {
        budget.spend(values.size());
        return new ArrayList<>(values);
    }

    private Callable listMethod(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                    arguments -> {
                        Object wanted = arguments.required(0, "value");
                        for (int i = 0; i < list.size(); i++) {
                            if (Values.equal(list.get(i), wanted)) {
                                return (long) i;
                            }
                        }
                        throw JinjaException.fault(PythonText.repr(wanted) + " is not in list");
                    };
            case "count" ->
                    arguments -> {
                        Object wanted = arguments.required(0, "value");
                        return list.stream().filter(item -> Values.equal(item, wanted)).count();
                    };
            case "copy" -> list instanceof Tuple ? null : _ -> listed(list);
            default -> null;
        };
    }
}
