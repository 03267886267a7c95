package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.optional;
import static dev.cairn.core.grammar.Expression.sequence;

import dev.cairn.ports.system.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Arrays of a shape: first elements, others, how many, those that must be there. */
final class SchemaArrays {

    private static final int MOST_PLACES = 4_000;
    private static final int MOST_DIFFERENT = 9;

    private final GrammarRules rules;
    private final JsonText json;
    private final SchemaExpansion expansion;
    private final Function<List<SchemaTerm>, Expression> goals;

    /**
     * @param goals what fulfils several terms at once
     */
    SchemaArrays(
            GrammarRules rules,
            JsonText json,
            SchemaExpansion expansion,
            Function<List<SchemaTerm>, Expression> goals) {
        this.rules = rules;
        this.json = json;
        this.expansion = expansion;
        this.goals = goals;
    }

    Expression write(SchemaShape shape) {
        int least = excludesEmpty(shape) ? Math.max(1, shape.minItems) : shape.minItems;
        int most = mostItems(shape);
        if (most != Expression.UNBOUNDED && most < least) {
            return Expression.NOTHING;
        }
        if (shape.unique && (most == Expression.UNBOUNDED || most > 1)) {
            return json.enclosed("[", different(shape, least, most), "]");
        }
        if (!shape.contains.isEmpty()) {
            return json.enclosed("[", new Counted(shape, least, most).from(0, 0), "]");
        }
        int first = shape.firstItems();
        Expression each =
                most != Expression.UNBOUNDED && most <= first
                        ? Expression.NOTHING
                        : goals.apply(shape.item(first));
        Expression inside =
                first == 0 ? json.list(each, least, most) : tuple(shape, each, least, most, first);
        return json.enclosed("[", inside, "]");
    }

    /** Elements that nothing fulfils end an array. */
    private int mostItems(SchemaShape shape) {
        int most = shape.maxItems;
        for (int i = 0; i <= shape.firstItems(); i++) {
            if (most != Expression.UNBOUNDED && i >= most) {
                break;
            }
            if (expansion.isEmpty(shape.item(i))) {
                return i;
            }
        }
        return most;
    }

    private boolean excludesEmpty(SchemaShape shape) {
        boolean empty = false;
        for (JsonValue value : shape.excluded) {
            if (value instanceof JsonValue.JsonArray(var values)) {
                if (!values.isEmpty()) {
                    throw rules.refused(
                            "has the keyword \"not\" (or oneOf) with an array in const or enum,"
                                    + " which cannot be held exactly");
                }
                empty = true;
            }
        }
        return empty;
    }

    private Expression tuple(SchemaShape shape, Expression each, int least, int most, int first) {
        Expression rest = Expression.EMPTY;
        int size = first;
        if (most == Expression.UNBOUNDED || most > first) {
            rest =
                    new Expression.Repeat(
                            sequence(json.comma(), each),
                            Math.max(0, least - first),
                            most == Expression.UNBOUNDED ? most : most - first);
        } else {
            size = most;
        }
        for (int i = size - 1; i >= 0; i--) {
            Expression item = goals.apply(shape.item(i));
            Expression here = i == 0 ? item : sequence(json.comma(), item);
            Expression all = json.shared("items", sequence(here, rest));
            rest = i < least ? all : optional(all);
        }
        return rest;
    }

    /** Few values that can each come once: any order of any of them. */
    private Expression different(SchemaShape shape, int least, int most) {
        List<JsonValue> values = finite(shape);
        if (values == null || values.size() > MOST_DIFFERENT || !shape.contains.isEmpty()) {
            throw rules.refused(
                    "has the keyword \"uniqueItems\" for elements that are not one of at most "
                            + MOST_DIFFERENT
                            + " values, which cannot be held exactly; leave it out");
        }
        Map<Integer, Expression> known = new HashMap<>();
        return different(values, 0, least, most, known);
    }

    private Expression different(
            List<JsonValue> values, int used, int least, int most, Map<Integer, Expression> known) {
        Expression before = known.get(used);
        if (before != null) {
            return before;
        }
        int count = Integer.bitCount(used);
        List<Expression> options = new ArrayList<>();
        if (count >= least) {
            options.add(Expression.EMPTY);
        }
        for (int i = 0; i < values.size(); i++) {
            if ((used >>> i & 1) == 0 && (most == Expression.UNBOUNDED || count < most)) {
                Expression value = json.constant(values.get(i));
                Expression more = different(values, used | 1 << i, least, most, known);
                options.add(
                        count == 0 ? sequence(value, more) : sequence(json.comma(), value, more));
            }
        }
        Expression all = json.shared("different items", new Expression.Choice(options));
        known.put(used, all);
        return all;
    }

    /** The only values of all elements, or null. */
    private List<JsonValue> finite(SchemaShape shape) {
        if (shape.firstItems() > 0) {
            return null;
        }
        List<JsonValue> all = new ArrayList<>();
        for (SchemaShape way : expansion.shapes(shape.item(0))) {
            List<JsonValue> some = way.values != null ? way.values : simple(way);
            if (some == null) {
                return null;
            }
            for (JsonValue value : some) {
                if (all.stream().noneMatch(before -> SchemaCheck.equal(before, value))) {
                    all.add(value);
                }
            }
        }
        return all;
    }

    private static List<JsonValue> simple(SchemaShape way) {
        if ((way.types & ~(SchemaShape.BOOLEAN | SchemaShape.NULL)) != 0) {
            return null;
        }
        List<JsonValue> values = new ArrayList<>();
        if (way.has(SchemaShape.BOOLEAN)) {
            values.add(JsonValue.of(true));
            values.add(JsonValue.of(false));
        }
        if (way.has(SchemaShape.NULL)) {
            values.add(JsonValue.NULL);
        }
        values.removeAll(way.excluded);
        return values;
    }

    /** Elements of which some are counted: a rule per place and count. */
    private final class Counted {

        private final SchemaShape shape;
        private final SchemaShape.Contains contains;
        private final int least;
        private final int most;
        private final int lastPlace;
        private final int lastCount;
        private final Map<Long, Expression.Call> known = new HashMap<>();

        Counted(SchemaShape shape, int least, int most) {
            this.shape = shape;
            this.least = least;
            this.most = most;
            this.contains = shape.contains.getFirst();
            boolean open = contains.most() == Expression.UNBOUNDED;
            this.lastPlace = Math.max(Math.max(1, shape.firstItems()), Math.max(least, most + 1));
            this.lastCount = open ? contains.least() : contains.most();
            if (shape.contains.size() > 1 || (lastPlace + 1L) * (lastCount + 1L) > MOST_PLACES) {
                throw rules.refused(
                        "has the keyword \"contains\" "
                                + (shape.contains.size() > 1 ? "twice" : "with large bounds")
                                + ", which cannot be held exactly");
            }
        }

        Expression from(int place, int count) {
            long key = (long) place * MOST_PLACES + count;
            if (known.containsKey(key)) {
                return known.get(key);
            }
            int rule = rules.reserve("counted items");
            known.put(key, new Expression.Call(rule));
            List<Expression> options = new ArrayList<>();
            if (place >= least && count >= contains.least()) {
                options.add(Expression.EMPTY);
            }
            if (most == Expression.UNBOUNDED || place < most) {
                boolean open = contains.most() == Expression.UNBOUNDED;
                List<SchemaTerm> each = shape.item(place);
                options.add(then(place, with(each, open ? null : contains.term().not()), count));
                if (count < lastCount) {
                    options.add(then(place, with(each, contains.term()), count + 1));
                }
            }
            rules.define(rule, new Expression.Choice(options));
            return known.get(key);
        }

        private Expression then(int place, List<SchemaTerm> goal, int count) {
            Expression item = goals.apply(goal);
            Expression more = from(Math.min(place + 1, lastPlace), count);
            return place == 0 ? sequence(item, more) : sequence(json.comma(), item, more);
        }

        private static List<SchemaTerm> with(List<SchemaTerm> terms, SchemaTerm more) {
            List<SchemaTerm> all = new ArrayList<>(terms);
            if (more != null) {
                all.add(more);
            }
            return all;
        }
    }
}
