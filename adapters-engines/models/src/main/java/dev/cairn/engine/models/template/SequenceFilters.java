package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Jinja's filters on sequences. Where Jinja gives a lazy iterator, these give {@link Generated}
 * elements.
 */
final class SequenceFilters {

    static final Set<String> NAMES =
            Set.of(
                    "batch",
                    "count",
                    "dictsort",
                    "first",
                    "groupby",
                    "items",
                    "join",
                    "last",
                    "length",
                    "list",
                    "map",
                    "max",
                    "min",
                    "reject",
                    "rejectattr",
                    "reverse",
                    "select",
                    "selectattr",
                    "slice",
                    "sort",
                    "sum",
                    "unique");

    private final Budget budget;
    private final Attributes attributes;
    private final Filters filters;
    private final Operators operators;

    SequenceFilters(Budget budget, Attributes attributes, Filters filters) {
        this.budget = budget;
        this.attributes = attributes;
        this.filters = filters;
        this.operators = new Operators(budget);
    }

    Object apply(String name, Object value, Arguments arguments) {
        switch (name) {
            case "length", "count" -> {
                return Values.length(value);
            }
            case "items" -> {
                if (value instanceof Map<?, ?> map) {
                    return new Generated(attributes.items(map));
                }
                if (value instanceof Undefined) {
                    return new Generated(List.of());
                }
                throw JinjaException.fault("can only get item pairs from a mapping");
            }
            case "reverse" -> {
                if (value instanceof String text) {
                    budget.text(text.length());
                    return new StringBuilder(text).reverse().toString();
                }
            }
            case "first" -> {
                if (value instanceof Generated generated) {
                    return generated.next(new Undefined("no first item, sequence was empty"));
                }
            }
            case "map", "select", "reject", "selectattr", "rejectattr" -> {
                // Of all filters, Jinja lets these alone take None.
                if (value == null) {
                    return new Generated(List.of());
                }
            }
            default -> {}
        }
        List<Object> items = Values.iterate(value);
        budget.spend(items.size());
        return overItems(name, value, items, arguments);
    }

    private Object overItems(String name, Object value, List<Object> items, Arguments arguments) {
        return switch (name) {
            case "list" -> items;
            case "first" ->
                    items.isEmpty()
                            ? new Undefined("no first item, sequence was empty")
                            : items.getFirst();
            case "last" ->
                    items.isEmpty()
                            ? new Undefined("no last item, sequence was empty")
                            : items.getLast();
            case "reverse" -> new Generated(items.reversed());
            case "join" -> join(items, arguments);
            case "map" -> new Generated(map(items, arguments));
            case "select" -> select(items, arguments, UnaryOperator.identity(), true);
            case "reject" -> select(items, arguments, UnaryOperator.identity(), false);
            case "selectattr" ->
                    select(
                            items,
                            arguments.withoutFirst(),
                            getter(arguments.required(0, "attribute")),
                            true);
            case "rejectattr" ->
                    select(
                            items,
                            arguments.withoutFirst(),
                            getter(arguments.required(0, "attribute")),
                            false);
            case "sort" -> sorted(items, arguments);
            case "unique" -> new Generated(unique(items, arguments));
            case "min" -> extreme(items, arguments, -1);
            case "max" -> extreme(items, arguments, 1);
            case "sum" -> sum(items, arguments);
            case "dictsort" -> dictsort(value, arguments);
            case "groupby" -> groupby(items, arguments);
            case "batch" -> new Generated(batch(items, arguments));
            case "slice" -> new Generated(slice(items, arguments));
            default -> throw JinjaException.fault("no filter named '" + name + "'");
        };
    }

    private UnaryOperator<Object> getter(Object attribute) {
        if (attribute == null) {
            return UnaryOperator.identity();
        }
        if (Values.isInteger(attribute)) {
            return item -> attributes.item(item, attribute);
        }
        List<Object> path = PythonText.split(PythonText.str(attribute), ".", -1);
        return item -> {
            Object current = item;
            for (Object part : path) {
                String step = (String) part;
                boolean index =
                        !step.isEmpty()
                                && step.length() < 10
                                && step.chars().allMatch(c -> c >= '0' && c <= '9');
                current = attributes.item(current, index ? (Object) Long.valueOf(step) : step);
            }
            return current;
        };
    }

    private static UnaryOperator<Object> folding(boolean caseSensitive) {
        return caseSensitive
                ? UnaryOperator.identity()
                : value -> value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    private String join(List<Object> items, Arguments arguments) {
        String separator = PythonText.str(arguments.get(0, "d", ""));
        UnaryOperator<Object> getter = getter(arguments.get(1, "attribute", null));
        List<String> parts = new ArrayList<>();
        for (Object item : items) {
            if (!parts.isEmpty()) {
                parts.add(separator);
            }
            parts.add(PythonText.str(getter.apply(item)));
        }
        return operators.concatenate(parts);
    }

    private List<Object> map(List<Object> items, Arguments arguments) {
        List<Object> mapped = new ArrayList<>();
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            UnaryOperator<Object> getter = getter(arguments.named().get("attribute"));
            Object otherwise = arguments.named().get("default");
            for (Object item : items) {
                Object value = getter.apply(item);
                mapped.add(value instanceof Undefined && otherwise != null ? otherwise : value);
            }
            return mapped;
        }
        String filter = arguments.text(0, "filter", "");
        if (!Filters.exists(filter)) {
            throw JinjaException.fault("no filter named '" + filter + "'");
        }
        for (Object item : items) {
            mapped.add(filters.apply(filter, item, arguments.withoutFirst()));
        }
        return mapped;
    }

    private Generated select(
            List<Object> items, Arguments arguments, UnaryOperator<Object> getter, boolean wanted) {
        List<Object> chosen = new ArrayList<>();
        String test =
                arguments.positional().isEmpty()
                        ? null
                        : PythonText.str(arguments.positional().getFirst());
        if (test != null && !Tests.exists(test)) {
            throw JinjaException.fault("no test named '" + test + "'");
        }
        for (Object item : items) {
            Object value = getter.apply(item);
            boolean holds =
                    test == null
                            ? Values.truth(value)
                            : Tests.holds(test, value, arguments.withoutFirst());
            if (holds == wanted) {
                chosen.add(item);
            }
        }
        return new Generated(chosen);
    }

    private List<Object> sorted(List<Object> items, Arguments arguments) {
        UnaryOperator<Object> folding = folding(arguments.truth(1, "case_sensitive", false));
        Comparator<Object> order = (a, b) -> 0;
        Object attribute = arguments.get(2, "attribute", null);
        List<Object> keys =
                attribute instanceof String text
                        ? PythonText.split(text, ",", -1)
                        : java.util.Arrays.asList(attribute);
        for (Object key : keys) {
            UnaryOperator<Object> getter = getter(key);
            order =
                    order.thenComparing(
                            (a, b) ->
                                    Values.compare(
                                            folding.apply(getter.apply(a)),
                                            folding.apply(getter.apply(b))));
        }
        return ordered(items, order, arguments.truth(0, "reverse", false));
    }

    /** Sorts stably in either direction, as Python does. */
    private List<Object> ordered(List<Object> items, Comparator<Object> order, boolean reverse) {
        budget.spend(16L * items.size());
        List<Object> sorted = new ArrayList<>(items);
        sorted.sort(reverse ? order.reversed() : order);
        return sorted;
    }

    private List<Object> unique(List<Object> items, Arguments arguments) {
        UnaryOperator<Object> folding = folding(arguments.truth(0, "case_sensitive", false));
        UnaryOperator<Object> getter = getter(arguments.get(1, "attribute", null));
        Set<Object> seen = new java.util.HashSet<>();
        List<Object> unique = new ArrayList<>();
        for (Object item : items) {
            if (seen.add(Values.key(folding.apply(getter.apply(item))))) {
                unique.add(item);
            }
        }
        return unique;
    }

    private Object extreme(List<Object> items, Arguments arguments, int direction) {
        UnaryOperator<Object> folding = folding(arguments.truth(0, "case_sensitive", false));
        UnaryOperator<Object> getter = getter(arguments.get(1, "attribute", null));
        Object best = new Undefined("no aggregated item, sequence was empty");
        for (Object item : items) {
            boolean better =
                    best instanceof Undefined
                            || direction
                                            * Values.compare(
                                                    folding.apply(getter.apply(item)),
                                                    folding.apply(getter.apply(best)))
                                    > 0;
            best = better ? item : best;
        }
        return best;
    }

    private Object sum(List<Object> items, Arguments arguments) {
        UnaryOperator<Object> getter = getter(arguments.get(0, "attribute", null));
        Object total = arguments.get(1, "start", 0L);
        for (Object item : items) {
            total = operators.apply("+", total, getter.apply(item));
        }
        return total;
    }

    private List<Object> dictsort(Object value, Arguments arguments) {
        if (!(value instanceof Map<?, ?> map)) {
            throw JinjaException.fault("dictsort needs a mapping, got " + Values.typeName(value));
        }
        UnaryOperator<Object> folding = folding(arguments.truth(0, "case_sensitive", false));
        int position = arguments.text(1, "by", "key").equals("value") ? 1 : 0;
        Comparator<Object> order =
                Comparator.comparing(
                        pair -> folding.apply(((Tuple) pair).get(position)),
                        (a, b) -> Values.compare(a, b));
        return ordered(attributes.items(map), order, arguments.truth(2, "reverse", false));
    }

    private List<Object> groupby(List<Object> items, Arguments arguments) {
        UnaryOperator<Object> getter = getter(arguments.required(0, "attribute"));
        UnaryOperator<Object> folding = folding(arguments.truth(2, "case_sensitive", false));
        Comparator<Object> order =
                (a, b) ->
                        Values.compare(
                                folding.apply(getter.apply(a)), folding.apply(getter.apply(b)));
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        for (Object item : ordered(items, order, false)) {
            if (!group.isEmpty() && order.compare(group.getLast(), item) != 0) {
                groups.add(Tuple.of(getter.apply(group.getFirst()), group));
                group = new ArrayList<>();
            }
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(Tuple.of(getter.apply(group.getFirst()), group));
        }
        return groups;
    }

    private List<Object> batch(List<Object> items, Arguments arguments) {
        int size = Math.max(1, arguments.integer(0, "linecount", 1));
        Object fill = arguments.get(1, "fill_with", null);
        List<Object> batches = new ArrayList<>();
        for (int start = 0; start < items.size(); start += size) {
            List<Object> batch =
                    new ArrayList<>(items.subList(start, Math.min(items.size(), start + size)));
            budget.spend(size);
            while (fill != null && batch.size() < size) {
                batch.add(fill);
            }
            batches.add(batch);
        }
        return batches;
    }

    private List<Object> slice(List<Object> items, Arguments arguments) {
        int count = Math.max(1, arguments.integer(0, "slices", 1));
        Object fill = arguments.get(1, "fill_with", null);
        budget.spend(count);
        List<Object> slices = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < count; i++) {
            int size = items.size() / count + (i < items.size() % count ? 1 : 0);
            List<Object> slice = new ArrayList<>(items.subList(start, start + size));
            start += size;
            if (fill != null && items.size() % count != 0 && i >= items.size() % count) {
                slice.add(fill);
            }
            slices.add(slice);
        }
        return slices;
    }
}
