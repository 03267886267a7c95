package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.literal;
import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.optional;
import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Rules for one type of value each, from a schema without references and combinations. */
final class SchemaTypes {

    private static final int MOST_NAME = 256;
    private static final double MOST_BOUND = 1e15;

    private final GrammarRules rules;
    private final JsonText json;
    private final Function<JsonValue, Expression> schemas;

    SchemaTypes(GrammarRules rules, JsonText json, Function<JsonValue, Expression> schemas) {
        this.rules = rules;
        this.json = json;
        this.schemas = schemas;
    }

    Expression of(String type, JsonObject schema) {
        return switch (type) {
            case "object" -> object(schema);
            case "array" -> array(schema);
            case "string" -> string(schema);
            case "integer", "number" -> number(type, schema);
            case "boolean" -> JsonText.truth();
            default -> literal("null");
        };
    }

    /** The type of a value; {@code number} for all numbers. */
    static String typeOf(JsonValue value) {
        return switch (value) {
            case JsonObject _ -> "object";
            case JsonArray _ -> "array";
            case JsonString _ -> "string";
            case JsonNumber _ -> "number";
            case JsonBoolean _ -> "boolean";
            case JsonValue.JsonNull _ -> "null";
        };
    }

    static boolean is(JsonValue value, String type) {
        return type.equals("integer")
                ? value instanceof JsonNumber number && number.isIntegerLiteral()
                : typeOf(value).equals(type);
    }

    private Expression object(JsonObject schema) {
        Map<String, JsonValue> properties = new LinkedHashMap<>();
        JsonValue declared = schema.member("properties");
        if (declared instanceof JsonObject(var members)) {
            properties.putAll(members);
        } else if (declared != null) {
            throw rules.refused("has \"properties\" that are no object");
        }
        List<String> required = names(schema.member("required"));
        JsonValue additional = schema.member("additionalProperties");
        boolean open = additional == null ? declared == null : !additional.equals(no());
        JsonValue other = additional == null ? JsonObject.empty() : additional;
        for (String name : required) {
            properties.putIfAbsent(name, open || additional == null ? other : no());
        }
        if (properties.isEmpty() && open && schemas.apply(other).equals(json.value())) {
            return json.object();
        }
        Expression extra = null;
        if (open) {
            Expression name =
                    properties.isEmpty() ? json.string() : json.stringExcept(properties.keySet());
            extra = json.member(name, schemas.apply(other));
        }
        return json.enclosed("{", members(properties, required, extra), "}");
    }

    private static JsonValue no() {
        return JsonValue.of(false);
    }

    /**
     * Members in order with commas between those that are there. {@code after} is what may follow a
     * member, {@code first} what may stand at the beginning; both are built from the end.
     */
    private Expression members(
            Map<String, JsonValue> properties, List<String> required, Expression extra) {
        Expression after = extra == null ? Expression.EMPTY : star(sequence(json.comma(), extra));
        Expression first =
                extra == null ? Expression.EMPTY : json.list(extra, 0, Expression.UNBOUNDED);
        List<String> names = new ArrayList<>(properties.keySet());
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            if (name.length() > MOST_NAME) {
                throw rules.refused("has a property name longer than " + MOST_NAME);
            }
            Expression member =
                    rules.add(
                            "a member",
                            json.member(
                                    JsonText.quotedLiteral(name),
                                    schemas.apply(properties.get(name))));
            boolean must = required.contains(name);
            Expression follows = sequence(json.comma(), member);
            Expression rest = after;
            first =
                    rules.add(
                            "members",
                            must
                                    ? sequence(member, rest)
                                    : Expression.choice(sequence(member, rest), first));
            after = rules.add("members", sequence(must ? follows : optional(follows), rest));
        }
        return first;
    }

    private List<String> names(JsonValue required) {
        List<String> names = new ArrayList<>();
        if (required == null) {
            return names;
        }
        if (!(required instanceof JsonArray(var values))) {
            throw rules.refused("has a \"required\" that is no list");
        }
        for (JsonValue value : values) {
            if (!(value instanceof JsonString(var name))) {
                throw rules.refused("has a \"required\" that is no list of names");
            }
            names.add(name);
        }
        return names;
    }

    private Expression array(JsonObject schema) {
        int least = count(schema, "minItems", 0);
        int most = count(schema, "maxItems", Expression.UNBOUNDED);
        List<JsonValue> fixed = List.of();
        if (schema.member("prefixItems") != null) {
            if (!(schema.member("prefixItems") instanceof JsonArray(var values))) {
                throw rules.refused("has \"prefixItems\" that are no list");
            }
            fixed = values;
        }
        JsonValue items = schema.member("items");
        if (items instanceof JsonArray) {
            throw rules.refused("has \"items\" as a list; write \"prefixItems\"");
        }
        Expression each = items == null ? json.value() : schemas.apply(items);
        int others = most == Expression.UNBOUNDED ? most : most - fixed.size();
        if (most != Expression.UNBOUNDED && most < least) {
            return Expression.NOTHING;
        }
        if (fixed.isEmpty()) {
            return json.enclosed("[", json.list(each, least, most), "]");
        }
        return json.enclosed("[", tuple(fixed, each, least, most, others), "]");
    }

    private Expression tuple(
            List<JsonValue> fixed, Expression each, int least, int most, int others) {
        Expression rest =
                others == Expression.UNBOUNDED || others > 0
                        ? new Expression.Repeat(
                                sequence(json.comma(), each),
                                Math.max(0, least - fixed.size()),
                                others)
                        : Expression.EMPTY;
        for (int i = fixed.size() - 1; i >= 0; i--) {
            if (most != Expression.UNBOUNDED && i >= most) {
                continue;
            }
            Expression item = schemas.apply(fixed.get(i));
            Expression here = i == 0 ? item : sequence(json.comma(), item);
            Expression all = rules.add("items", sequence(here, rest));
            rest = i < least ? all : optional(all);
        }
        return rest;
    }

    private Expression string(JsonObject schema) {
        JsonValue pattern = schema.member("pattern");
        JsonValue format = schema.member("format");
        int least = count(schema, "minLength", 0);
        int most = count(schema, "maxLength", Expression.UNBOUNDED);
        boolean bounded = least > 0 || most != Expression.UNBOUNDED;
        if (pattern != null && (format != null || bounded) || format != null && bounded) {
            throw rules.refused(
                    "has two of \"pattern\", \"format\" and \"minLength\"/\"maxLength\" in one"
                            + " schema, which cannot be held exactly; keep one");
        }
        if (pattern != null || format != null) {
            String keyword = pattern != null ? "pattern" : "format";
            if (!(schema.member(keyword) instanceof JsonString(var text))) {
                throw rules.refused("has a \"" + keyword + "\" that is no string");
            }
            return sequence(oneOf("\""), patterned(keyword, text), oneOf("\""));
        }
        if (!bounded) {
            return json.string();
        }
        if (most != Expression.UNBOUNDED && most < least) {
            return Expression.NOTHING;
        }
        return sequence(
                oneOf("\""), new Expression.Repeat(json.anyCharacter(), least, most), oneOf("\""));
    }

    private Expression patterned(String keyword, String text) {
        boolean searches = keyword.equals("pattern");
        String regex = searches ? text : StringFormat.pattern(text);
        if (regex == null) {
            String shown = text.length() > 40 ? text.substring(0, 40) : text;
            throw rules.refused(
                    "has the keyword \"format\" with \"" + shown + "\", which is not held");
        }
        return RegexParser.parse(regex, rules, json::character, searches);
    }

    private Expression number(String type, JsonObject schema) {
        boolean whole = type.equals("integer");
        JsonValue multiple = schema.member("multipleOf");
        if (multiple != null && !(whole && multiple.equals(JsonValue.of(1)))) {
            throw rules.refused(
                    "has the keyword \"multipleOf\", which cannot be held exactly; leave it out");
        }
        if (whole) {
            Long least =
                    larger(
                            bound(schema, "minimum", true, 0),
                            bound(schema, "exclusiveMinimum", true, 1));
            Long most =
                    smaller(
                            bound(schema, "maximum", false, 0),
                            bound(schema, "exclusiveMaximum", false, -1));
            return least != null && most != null && least > most
                    ? Expression.NOTHING
                    : NumberText.integer(least, most);
        }
        Long least = exact(schema, "minimum");
        Long above = exact(schema, "exclusiveMinimum");
        Long most = exact(schema, "maximum");
        Long below = exact(schema, "exclusiveMaximum");
        if (least == null && above == null && most == null && below == null) {
            return json.number();
        }
        boolean open = above != null && (least == null || above >= least);
        boolean openAbove = below != null && (most == null || below <= most);
        Long low = open ? above : least;
        Long high = openAbove ? below : most;
        if (low != null
                && high != null
                && (low > high || low.equals(high) && (open || openAbove))) {
            return Expression.NOTHING;
        }
        return NumberText.decimal(low, open, high, openAbove);
    }

    private static Long larger(Long a, Long b) {
        return a == null ? b : b == null ? a : Long.valueOf(Math.max(a, b));
    }

    private static Long smaller(Long a, Long b) {
        return a == null ? b : b == null ? a : Long.valueOf(Math.min(a, b));
    }

    /** A bound for whole numbers; {@code offset} is added where the bound itself is excluded. */
    private Long bound(JsonObject schema, String keyword, boolean up, int offset) {
        BigDecimal value = decimal(schema, keyword);
        if (value == null) {
            return null;
        }
        boolean excluded = offset != 0;
        RoundingMode mode = up == excluded ? RoundingMode.FLOOR : RoundingMode.CEILING;
        return value.setScale(0, mode).longValueExact() + offset;
    }

    private Long exact(JsonObject schema, String keyword) {
        BigDecimal value = decimal(schema, keyword);
        if (value == null) {
            return null;
        }
        if (value.stripTrailingZeros().scale() > 0) {
            throw rules.refused(
                    "has the keyword \""
                            + keyword
                            + "\" with a fraction for a number, which is not held; use a whole"
                            + " number");
        }
        return value.longValueExact();
    }

    private BigDecimal decimal(JsonObject schema, String keyword) {
        JsonValue value = schema.member(keyword);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw rules.refused("has a \"" + keyword + "\" that is no number");
        }
        double size = Math.abs(number.doubleValue());
        boolean zero = number.literal().matches("-?0(\\.0{1,40})?");
        if (size > MOST_BOUND || size < 1 / MOST_BOUND && !zero || number.literal().length() > 60) {
            throw rules.refused("has a \"" + keyword + "\" that is not within 1e15 and 1e-15");
        }
        return new BigDecimal(number.literal());
    }

    private int count(JsonObject schema, String keyword, int otherwise) {
        JsonValue value = schema.member(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof JsonNumber(var literal)) || !literal.matches("[0-9]{1,9}(\\.0+)?")) {
            throw rules.refused("has a \"" + keyword + "\" that is no whole number from 0 on");
        }
        return (int) Double.parseDouble(literal);
    }
}
