package dev.cairn.distribution.cache;

import dev.cairn.distribution.wiring.ByteText;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The answers of a cache as people read them. */
public final class CacheTables {

    private static final int SHOWN_HASH = 16;

    private CacheTables() {}

    /** What {@code GET /v1/cairn/cache} answered. */
    public static List<String> status(JsonObject status) {
        List<String> lines = new ArrayList<>();
        for (JsonObject model : objects(status, "models")) {
            lines.add(
                    "%s: %s of %s prompt tokens were in the cache (%s)"
                            .formatted(
                                    text(model, "model"),
                                    number(model, "hit_tokens"),
                                    number(model, "looked_up_tokens"),
                                    percent(model)));
            Table table = new Table("group", "tokens/block", "blocks", "in use", "cached", "free");
            for (JsonObject group : objects(model, "device")) {
                table.row(
                        number(group, "group"),
                        number(group, "block_tokens"),
                        number(group, "blocks"),
                        number(group, "in_use"),
                        number(group, "cached"),
                        number(group, "free"));
            }
            table.addTo(lines);
        }
        Table tiers =
                new Table(
                        "tier", "store", "used", "of", "blocks", "pinned", "hits", "misses",
                        "evicted", "damaged", "queued", "read", "written");
        Table tenants = new Table("tier", "tenant", "holds");
        for (JsonObject tier : objects(status, "tiers")) {
            boolean avoided =
                    tier.member("quarantined") instanceof JsonValue.JsonBoolean(boolean is) && is;
            tiers.row(
                    text(tier, "tier") + (avoided ? " (quarantined)" : ""),
                    text(tier, "store"),
                    bytes(tier, "used_bytes"),
                    bytes(tier, "capacity_bytes"),
                    number(tier, "blocks"),
                    number(tier, "pinned_blocks"),
                    number(tier, "hits"),
                    number(tier, "misses"),
                    number(tier, "evicted"),
                    number(tier, "damaged"),
                    number(tier, "queued"),
                    bytes(tier, "read_bytes"),
                    bytes(tier, "written_bytes"));
            if (tier.member("tenants") instanceof JsonObject held) {
                held.members()
                        .forEach(
                                (tenant, _) ->
                                        tenants.row(
                                                text(tier, "tier"),
                                                tenant.isEmpty() ? "(nobody)" : tenant,
                                                bytes(held, tenant)));
            }
        }
        if (objects(status, "tiers").isEmpty()) {
            lines.add("no tier below the device; cairn.cache.tiers names those to use");
        } else {
            tiers.addTo(lines);
            tenants.addTo(lines);
            pins(status).addTo(lines);
        }
        return lines;
    }

    private static Table pins(JsonObject status) {
        Table table = new Table("pin", "model", "tenant", "blocks", "ends in");
        for (JsonObject pin : objects(status, "pins")) {
            table.row(
                    text(pin, "name"),
                    text(pin, "model"),
                    text(pin, "tenant"),
                    number(pin, "blocks"),
                    pin.member("seconds_left") instanceof JsonNumber(String seconds)
                            ? seconds + " s"
                            : "never");
        }
        return table;
    }

    /** What {@code lookup} answered. */
    public static List<String> lookup(JsonObject found) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s tokens: %s need not be computed now, %s are in the device"
                        .formatted(
                                number(found, "tokens"),
                                number(found, "hit_tokens"),
                                number(found, "device_tokens")));
        Table table = new Table("group", "tokens", "hash", "places");
        for (JsonObject block : objects(found, "blocks")) {
            String hash = text(block, "hash");
            table.row(
                    number(block, "group"),
                    number(block, "start") + "-" + number(block, "end"),
                    hash.substring(0, Math.min(SHOWN_HASH, hash.length())),
                    block.member("places") instanceof JsonArray(var places)
                            ? places.stream()
                                    .map(CacheTables::text)
                                    .collect(Collectors.joining(" "))
                            : "");
        }
        table.addTo(lines);
        return lines;
    }

    /** What a verb answered that counts: its members in one line. */
    public static List<String> counts(JsonObject counted) {
        List<String> parts = new ArrayList<>();
        counted.members()
                .forEach(
                        (name, value) -> {
                            if (value instanceof JsonObject nested) {
                                nested.members().keySet().stream()
                                        .map(place -> place + " " + number(nested, place))
                                        .forEach(parts::add);
                            } else {
                                parts.add(name.replace('_', ' ') + " " + text(value));
                            }
                        });
        return List.of(String.join(", ", parts));
    }

    private static List<JsonObject> objects(JsonObject parent, String name) {
        return parent.member(name) instanceof JsonArray(var values)
                ? values.stream()
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast)
                        .toList()
                : List.of();
    }

    private static String text(JsonObject parent, String name) {
        return text(parent.member(name));
    }

    private static String text(JsonValue value) {
        return switch (value) {
            case JsonString(String text) -> text;
            case JsonNumber(String literal) -> literal;
            case JsonValue.JsonBoolean(boolean flag) -> flag ? "yes" : "no";
            case null -> "";
            case JsonValue.JsonNull() -> "";
            case JsonObject _ -> "";
            case JsonArray _ -> "";
        };
    }

    private static String number(JsonObject parent, String name) {
        return parent.member(name) instanceof JsonNumber(String literal) ? literal : "?";
    }

    private static String bytes(JsonObject parent, String name) {
        return parent.member(name) instanceof JsonNumber number
                ? ByteText.of((long) number.doubleValue())
                : "?";
    }

    private static String percent(JsonObject model) {
        return model.member("hit_rate") instanceof JsonNumber rate
                ? String.format(Locale.ROOT, "%.1f %%", 100 * rate.doubleValue())
                : "?";
    }
}
