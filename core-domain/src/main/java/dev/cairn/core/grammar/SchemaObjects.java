package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.choice;
import static dev.cairn.core.grammar.Expression.optional;
import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Objects of a shape: declared members in their order, then those that are required only, then
 * others in any order. Another member never has a declared name; that it may come twice is left
 * open as by RFC 8259, and since its schema depends on its name only, no reader can see a wrong
 * one. To forbid it, a state would have to hold all names used so far, and masks are kept by state:
 * no two answers would share one.
 */
final class SchemaObjects {

    private static final int MOST_COUNTED = 6_000;

    private final GrammarRules rules;
    private final JsonText json;
    private final SchemaStrings strings;
    private final SchemaExpansion expansion;
    private final SchemaCheck check;
    private final Function<List<SchemaTerm>, Expression> goals;

    /**
     * @param goals what fulfils several terms at once
     */
    SchemaObjects(
            GrammarRules rules,
            JsonText json,
            SchemaStrings strings,
            SchemaExpansion expansion,
            SchemaCheck check,
            Function<List<SchemaTerm>, Expression> goals) {
        this.rules = rules;
        this.json = json;
        this.strings = strings;
        this.expansion = expansion;
        this.check = check;
        this.goals = goals;
    }

    /**
     * A member in its place.
     *
     * @param must whether it is there always
     */
    private record Member(Expression text, boolean must) {}

    /** Names that have one schema, and that schema. */
    private record Region(RegularText names, List<SchemaTerm> goal) {}

    Expression write(SchemaShape shape) {
        for (JsonValue value : shape.excluded) {
            if (value instanceof JsonObject(var members)) {
                if (!members.isEmpty()) {
                    throw rules.refused(
                            "has the keyword \"not\" (or oneOf) with an object in const or enum,"
                                    + " which cannot be held exactly");
                }
                shape.propertiesFrom(1);
            }
        }
        if (!shape.exists.isEmpty()) {
            return existing(shape);
        }
        return written(shape, null);
    }

    /** A member that must be there is one of the declared ones, or one of the others. */
    private Expression existing(SchemaShape shape) {
        SchemaShape.Exists exists = shape.exists.removeLast();
        List<Expression> options = new ArrayList<>();
        for (String name : shape.declaredNames()) {
            if (speaksOf(exists, name)) {
                SchemaShape there = shape.copy();
                there.require(name, exists.value());
                if (!isForbidden(there, name)) {
                    options.add(write(there));
                }
            }
        }
        if (!others(shape).isEmpty()) {
            if (!shape.exists.isEmpty()) {
                throw rules.refused(
                        "has a combination (by not, if or oneOf) that asks for two members without"
                                + " a name, which cannot be held exactly; declare their names");
            }
            options.add(written(shape, exists));
        }
        return new Expression.Choice(options);
    }

    private boolean speaksOf(SchemaShape.Exists exists, String name) {
        if (exists.among() != null
                && (exists.among().declared().containsKey(name)
                        || exists.among().patterns().keySet().stream()
                                .anyMatch(pattern -> strings.matches(pattern, name)))) {
            return false;
        }
        return (exists.pattern() == null || strings.matches(exists.pattern(), name))
                && (exists.name() == null || !check.holds(exists.name(), new JsonString(name)));
    }

    private Expression written(SchemaShape shape, SchemaShape.Exists exists) {
        List<Member> members = new ArrayList<>();
        for (String name : shape.declaredNames()) {
            boolean must = shape.required.contains(name);
            if (isForbidden(shape, name)) {
                if (must) {
                    return Expression.NOTHING;
                }
                continue;
            }
            Expression content = goals.apply(shape.member(name, strings));
            Expression text =
                    json.shared("a member", json.member(JsonText.quotedLiteral(name), content));
            members.add(new Member(text, must));
        }
        List<Region> regions = others(shape);
        if (exists != null) {
            Expression other = others(shape, regions);
            Expression wanted = others(shape, wanted(regions, exists));
            return json.enclosed("{", withOne(shape, members, other, wanted), "}");
        }
        Expression other = regions.isEmpty() ? null : others(shape, regions);
        long needed = members.stream().filter(Member::must).count();
        boolean atMost =
                shape.maxProperties != Expression.UNBOUNDED
                        && (other != null || members.size() > shape.maxProperties);
        if (needed >= shape.minProperties && !atMost) {
            if (members.isEmpty() && other != null && isAnything(shape, regions)) {
                return json.object();
            }
            return json.enclosed("{", inOrder(members, other), "}");
        }
        return json.enclosed("{", new Counted(members, other, shape).from(0, 0), "}");
    }

    private static boolean isAnything(SchemaShape shape, List<Region> regions) {
        return shape.names.isEmpty()
                && shape.declaredNames().isEmpty()
                && regions.size() == 1
                && regions.getFirst().names() == null
                && regions.getFirst().goal().isEmpty();
    }

    private boolean isForbidden(SchemaShape shape, String name) {
        return expansion.isEmpty(shape.member(name, strings))
                || shape.names.stream().anyMatch(term -> !check.holds(term, new JsonString(name)));
    }

    /** Names that are not declared, by what is asserted of their values. */
    private List<Region> others(SchemaShape shape) {
        Set<String> patterns = new LinkedHashSet<>();
        shape.members.forEach(each -> patterns.addAll(each.patterns().keySet()));
        List<RegularText> parts = new ArrayList<>();
        List<Set<String>> matched = new ArrayList<>();
        parts.add(names(shape));
        matched.add(Set.of());
        for (String pattern : patterns) {
            RegularText searched = strings.searched(pattern);
            for (int i = parts.size() - 1; i >= 0; i--) {
                RegularText part = parts.get(i);
                RegularText with = part == null ? searched : part.and(searched, rules);
                if (with.isEmpty()) {
                    continue;
                }
                Set<String> also = new LinkedHashSet<>(matched.get(i));
                also.add(pattern);
                parts.add(with);
                matched.add(also);
                parts.set(i, (part == null ? RegularText.all() : part).minus(searched, rules));
            }
        }
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            List<SchemaTerm> goal = goal(shape, matched.get(i));
            boolean some = parts.get(i) == null || !parts.get(i).isEmpty();
            if (some && !expansion.isEmpty(goal)) {
                regions.add(new Region(parts.get(i), goal));
            }
        }
        return regions;
    }

    private static List<SchemaTerm> goal(SchemaShape shape, Set<String> matched) {
        List<SchemaTerm> goal = new ArrayList<>();
        for (SchemaShape.Members each : shape.members) {
            boolean some = false;
            for (var pattern : each.patterns().entrySet()) {
                if (matched.contains(pattern.getKey())) {
                    goal.add(pattern.getValue());
                    some = true;
                }
            }
            if (!some && each.additional() != null) {
                goal.add(each.additional());
            }
        }
        return SchemaExpansion.simple(goal);
    }

    /** Names that fulfil {@code propertyNames}; null for all. */
    private RegularText names(SchemaShape shape) {
        return shape.names.isEmpty() ? null : names(shape.names);
    }

    private RegularText names(List<SchemaTerm> terms) {
        RegularText all = RegularText.of(List.of());
        for (SchemaShape way : expansion.shapes(terms)) {
            if (way.values != null) {
                List<String> some = new ArrayList<>();
                for (JsonValue value : way.values) {
                    if (value instanceof JsonString(var name)) {
                        some.add(name);
                    }
                }
                all = all.or(RegularText.of(some), rules);
            } else if (way.has(SchemaShape.STRING)) {
                all = all.or(strings.language(way), rules);
            }
        }
        return all;
    }

    private List<Region> wanted(List<Region> regions, SchemaShape.Exists exists) {
        List<Region> wanted = new ArrayList<>();
        for (Region region : regions) {
            RegularText names = region.names() == null ? RegularText.all() : region.names();
            if (exists.pattern() != null) {
                names = names.and(strings.searched(exists.pattern()), rules);
            }
            if (exists.name() != null) {
                names = names.minus(names(List.of(exists.name())), rules);
            }
            if (exists.among() != null) {
                names = names.minus(RegularText.of(exists.among().declared().keySet()), rules);
                for (String pattern : exists.among().patterns().keySet()) {
                    names = names.minus(strings.searched(pattern), rules);
                }
            }
            List<SchemaTerm> goal = new ArrayList<>(region.goal());
            if (exists.value() != null) {
                goal.add(exists.value());
            }
            if (!names.isEmpty() && !expansion.isEmpty(goal)) {
                wanted.add(new Region(names, SchemaExpansion.simple(goal)));
            }
        }
        return wanted;
    }

    /** One member that is not declared. */
    private Expression others(SchemaShape shape, List<Region> regions) {
        Set<String> declared = shape.declaredNames();
        List<Expression> options = new ArrayList<>();
        for (Region region : regions) {
            RegularText names = region.names();
            Expression name;
            if (names == null) {
                name = declared.isEmpty() ? json.string() : json.stringExcept(declared);
            } else {
                List<String> among = declared.stream().filter(names::contains).toList();
                RegularText rest = names.minus(RegularText.of(among), rules);
                if (rest.isEmpty()) {
                    continue;
                }
                name = json.quotedText(rest);
            }
            options.add(json.member(name, goals.apply(region.goal())));
        }
        return json.shared("another member", new Expression.Choice(options));
    }

    /**
     * Members in order with commas between those that are there. {@code after} is what may follow a
     * member, {@code first} what may stand at the beginning; both are built from the end.
     */
    private Expression inOrder(List<Member> members, Expression other) {
        Expression after = other == null ? Expression.EMPTY : star(sequence(json.comma(), other));
        Expression first =
                other == null ? Expression.EMPTY : json.list(other, 0, Expression.UNBOUNDED);
        return inOrder(members, after, first);
    }

    private Expression inOrder(List<Member> members, Expression end, Expression begin) {
        Expression after = end;
        Expression first = begin;
        for (Member member : members.reversed()) {
            Expression follows = sequence(json.comma(), member.text());
            Expression rest = after;
            Expression here = sequence(member.text(), rest);
            first = json.shared("members", member.must() ? here : choice(here, first));
            after =
                    json.shared(
                            "members", sequence(member.must() ? follows : optional(follows), rest));
        }
        return first;
    }

    /** Members in order, and among the others at least one that is wanted. */
    private Expression withOne(
            SchemaShape shape, List<Member> members, Expression other, Expression wanted) {
        long needed = members.stream().filter(Member::must).count();
        if (needed + 1 < shape.minProperties || shape.maxProperties != Expression.UNBOUNDED) {
            throw rules.refused(
                    "has the keyword \"minProperties\" or \"maxProperties\" in a combination (by"
                            + " not, if or oneOf), which cannot be held exactly");
        }
        Expression more = star(sequence(json.comma(), other));
        Expression end = sequence(more, json.comma(), wanted, more);
        Expression begin = sequence(Expression.star(sequence(other, json.comma())), wanted, more);
        return inOrder(members, end, begin);
    }

    /** Members of which few or many are there: a rule per place and count. */
    private final class Counted {

        private final List<Member> members;
        private final Expression other;
        private final int least;
        private final int most;
        private final Map<Long, Expression> known = new HashMap<>();

        Counted(List<Member> members, Expression other, SchemaShape shape) {
            this.members = members;
            this.other = other;
            this.least = shape.minProperties;
            this.most = shape.maxProperties;
            long counts = Math.min(members.size(), Math.max(least, most)) + 1L;
            if (counts * (members.size() + 1) > MOST_COUNTED) {
                throw rules.refused(
                        "has the keyword \"minProperties\" or \"maxProperties\" beside too many"
                                + " \"properties\", which cannot be held exactly");
            }
        }

        Expression from(int place, int count) {
            if (place == members.size()) {
                return end(count);
            }
            int counted =
                    most == Expression.UNBOUNDED ? Math.min(count, Math.max(1, least)) : count;
            long key = (long) place << 32 | counted;
            Expression before = known.get(key);
            if (before != null) {
                return before;
            }
            Member member = members.get(place);
            List<Expression> options = new ArrayList<>();
            if (most == Expression.UNBOUNDED || count < most) {
                Expression more = from(place + 1, count + 1);
                options.add(
                        count == 0
                                ? sequence(member.text(), more)
                                : sequence(json.comma(), member.text(), more));
            }
            if (!member.must()) {
                options.add(from(place + 1, count));
            }
            Expression all = json.shared("counted members", new Expression.Choice(options));
            known.put(key, all);
            return all;
        }

        /** The others: one that comes twice counts once, so no more than one can be asked for. */
        private Expression end(int count) {
            int needed = Math.max(0, least - count);
            int room = most == Expression.UNBOUNDED ? most : most - count;
            if (other == null || room == 0) {
                return needed > 0 ? Expression.NOTHING : Expression.EMPTY;
            }
            if (needed > 1) {
                throw rules.refused(
                        "has the keyword \"minProperties\" above 1 for members whose names are not"
                                + " declared, which cannot be held exactly; declare them, or leave"
                                + " it out");
            }
            return count == 0
                    ? json.list(other, needed, room)
                    : new Expression.Repeat(sequence(json.comma(), other), needed, room);
        }
    }
}
