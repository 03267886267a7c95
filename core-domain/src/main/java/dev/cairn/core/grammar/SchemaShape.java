package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One way to fulfil a goal: what a value of each type must be like, all of it at once. Filled by
 * {@link SchemaExpansion}, copied where ways part. One thread.
 */
final class SchemaShape {

    static final int NULL = 1;
    static final int BOOLEAN = 2;
    static final int NUMBER = 4;
    static final int STRING = 8;
    static final int ARRAY = 16;
    static final int OBJECT = 32;
    static final int ALL = 63;

    /** Types that are left, as bits. */
    int types = ALL;

    /** Numbers without fraction only, or with one only. */
    boolean whole;

    boolean broken;

    /** What was asserted, to try constants against. */
    List<SchemaTerm> terms = new ArrayList<>();

    /** The only values, or null. */
    List<JsonValue> values;

    List<JsonValue> excluded = new ArrayList<>();

    int minLength;
    int maxLength = Expression.UNBOUNDED;
    List<Text> texts = new ArrayList<>();

    BigDecimal low;
    BigDecimal high;
    boolean aboveLow;
    boolean belowHigh;
    List<BigDecimal> multiples = new ArrayList<>();
    List<BigDecimal> notMultiples = new ArrayList<>();

    int minItems;
    int maxItems = Expression.UNBOUNDED;
    boolean unique;
    List<Items> items = new ArrayList<>();
    List<Contains> contains = new ArrayList<>();

    int minProperties;
    int maxProperties = Expression.UNBOUNDED;
    Set<String> required = new LinkedHashSet<>();
    List<Members> members = new ArrayList<>();

    /** Schemas of members that no {@code properties} put in their order. */
    Map<String, List<SchemaTerm>> single = new LinkedHashMap<>();

    List<SchemaTerm> names = new ArrayList<>();
    List<Exists> exists = new ArrayList<>();

    /** A pattern or format that a string matches, or must not match. */
    record Text(String pattern, boolean isFormat, boolean negated) {}

    /**
     * Schemas of elements.
     *
     * @param rest of those behind the first ones, or null
     */
    record Items(List<SchemaTerm> first, SchemaTerm rest) {}

    /**
     * Elements that must be there.
     *
     * @param most or {@link Expression#UNBOUNDED}
     */
    record Contains(SchemaTerm term, int least, int most) {}

    /**
     * Schemas of members.
     *
     * @param additional of names that neither are declared nor match a pattern, or null
     */
    record Members(
            Map<String, SchemaTerm> declared,
            Map<String, SchemaTerm> patterns,
            SchemaTerm additional) {

        /** What these schemas say of a member, in order. */
        List<SchemaTerm> of(String name, SchemaStrings strings) {
            List<SchemaTerm> terms = new ArrayList<>();
            if (declared.containsKey(name)) {
                terms.add(declared.get(name));
            }
            patterns.forEach(
                    (pattern, term) -> {
                        if (strings.matches(pattern, name)) {
                            terms.add(term);
                        }
                    });
            if (terms.isEmpty() && additional != null) {
                terms.add(additional);
            }
            return terms;
        }
    }

    /**
     * There is a member with a value that fulfils a term.
     *
     * @param among of the names that these speak of by their additional schema; null for all names
     * @param pattern that its name matches, or null
     * @param name what its name does not fulfil, or null
     */
    record Exists(Members among, String pattern, SchemaTerm name, SchemaTerm value) {}

    SchemaShape copy() {
        var copy = new SchemaShape();
        copy.types = types;
        copy.whole = whole;
        copy.broken = broken;
        copy.terms = new ArrayList<>(terms);
        copy.values = values;
        copy.excluded = new ArrayList<>(excluded);
        copy.minLength = minLength;
        copy.maxLength = maxLength;
        copy.texts = new ArrayList<>(texts);
        copy.low = low;
        copy.high = high;
        copy.aboveLow = aboveLow;
        copy.belowHigh = belowHigh;
        copy.multiples = new ArrayList<>(multiples);
        copy.notMultiples = new ArrayList<>(notMultiples);
        copy.minItems = minItems;
        copy.maxItems = maxItems;
        copy.unique = unique;
        copy.items = new ArrayList<>(items);
        copy.contains = new ArrayList<>(contains);
        copy.minProperties = minProperties;
        copy.maxProperties = maxProperties;
        copy.required = new LinkedHashSet<>(required);
        copy.members = new ArrayList<>(members);
        copy.single = new LinkedHashMap<>(single);
        copy.names = new ArrayList<>(names);
        copy.exists = new ArrayList<>(exists);
        return copy;
    }

    /** Whether any value will do. */
    boolean isAnything() {
        return types == ALL
                && !whole
                && !broken
                && excluded.isEmpty()
                && minLength == 0
                && maxLength == Expression.UNBOUNDED
                && texts.isEmpty()
                && low == null
                && high == null
                && multiples.isEmpty()
                && notMultiples.isEmpty()
                && minItems == 0
                && maxItems == Expression.UNBOUNDED
                && !unique
                && items.isEmpty()
                && contains.isEmpty()
                && minProperties == 0
                && maxProperties == Expression.UNBOUNDED
                && required.isEmpty()
                && members.isEmpty()
                && single.isEmpty()
                && names.isEmpty()
                && exists.isEmpty();
    }

    boolean has(int type) {
        return (types & type) != 0;
    }

    void only(int kept) {
        types &= kept;
    }

    void matches(Text text) {
        if (!texts.contains(text)) {
            texts.add(text);
        }
    }

    void lengthFrom(int least) {
        minLength = Math.max(minLength, least);
    }

    void lengthTo(int most) {
        maxLength = smaller(maxLength, most);
    }

    void itemsFrom(int least) {
        minItems = Math.max(minItems, least);
    }

    void itemsTo(int most) {
        maxItems = smaller(maxItems, most);
    }

    void propertiesFrom(int least) {
        minProperties = Math.max(minProperties, least);
    }

    void propertiesTo(int most) {
        maxProperties = smaller(maxProperties, most);
    }

    private static int smaller(int before, int most) {
        return before == Expression.UNBOUNDED ? most : Math.min(before, most);
    }

    void from(BigDecimal bound, boolean excluded) {
        int order = low == null ? 1 : bound.compareTo(low);
        if (order > 0) {
            low = bound;
            aboveLow = excluded;
        } else if (order == 0) {
            aboveLow |= excluded;
        }
    }

    void to(BigDecimal bound, boolean excluded) {
        int order = high == null ? -1 : bound.compareTo(high);
        if (order < 0) {
            high = bound;
            belowHigh = excluded;
        } else if (order == 0) {
            belowHigh |= excluded;
        }
    }

    void anyOf(List<JsonValue> some) {
        if (values == null) {
            values = some;
            return;
        }
        Set<JsonValue> same = new HashSet<>(some);
        values =
                values.stream()
                        .filter(
                                v ->
                                        same.contains(v)
                                                || !(v instanceof JsonValue.JsonString)
                                                        && some.stream()
                                                                .anyMatch(
                                                                        w ->
                                                                                SchemaCheck.equal(
                                                                                        v, w)))
                        .toList();
    }

    void require(String name, SchemaTerm value) {
        required.add(name);
        if (value != null) {
            members.add(new Members(new LinkedHashMap<>(Map.of(name, value)), Map.of(), null));
        }
    }

    void forbid(String name) {
        members.add(
                new Members(new LinkedHashMap<>(Map.of(name, SchemaTerm.NOTHING)), Map.of(), null));
    }

    /** Names in the order of {@code properties}, then those that are known otherwise. */
    Set<String> declaredNames() {
        Set<String> all = new LinkedHashSet<>();
        members.forEach(each -> all.addAll(each.declared().keySet()));
        all.addAll(required);
        all.addAll(single.keySet());
        return all;
    }

    /** What is asserted of a member of that name. */
    List<SchemaTerm> member(String name, SchemaStrings strings) {
        Set<SchemaTerm> terms = new LinkedHashSet<>();
        members.forEach(each -> terms.addAll(each.of(name, strings)));
        terms.addAll(single.getOrDefault(name, List.of()));
        return List.copyOf(terms);
    }

    /** What is asserted of an element. */
    List<SchemaTerm> item(int index) {
        Set<SchemaTerm> terms = new LinkedHashSet<>();
        for (Items each : items) {
            if (index < each.first().size()) {
                terms.add(each.first().get(index));
            } else if (each.rest() != null) {
                terms.add(each.rest());
            }
        }
        return List.copyOf(terms);
    }

    int firstItems() {
        return items.stream().mapToInt(each -> each.first().size()).max().orElse(0);
    }

    /** Drops types of which nothing can be left, seen without looking into parts. */
    void narrow() {
        if (values != null) {
            int kept = 0;
            for (JsonValue value : values) {
                kept |= typeOf(value);
            }
            only(kept);
        }
        if (maxLength != Expression.UNBOUNDED && minLength > maxLength) {
            only(~STRING);
        }
        if (maxItems != Expression.UNBOUNDED && minItems > maxItems) {
            only(~ARRAY);
        }
        int least = Math.max(minProperties, required.size());
        if (maxProperties != Expression.UNBOUNDED && least > maxProperties) {
            only(~OBJECT);
        }
        int order = low == null || high == null ? -1 : low.compareTo(high);
        if (order > 0 || order == 0 && (aboveLow || belowHigh) || whole && broken) {
            only(~NUMBER);
        }
    }

    static int typeOf(JsonValue value) {
        return switch (value) {
            case JsonValue.JsonNull _ -> NULL;
            case JsonValue.JsonBoolean _ -> BOOLEAN;
            case JsonValue.JsonNumber _ -> NUMBER;
            case JsonValue.JsonString _ -> STRING;
            case JsonValue.JsonArray _ -> ARRAY;
            case JsonValue.JsonObject _ -> OBJECT;
        };
    }
}
