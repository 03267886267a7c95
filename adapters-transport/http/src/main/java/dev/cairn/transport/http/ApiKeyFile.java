package dev.cairn.transport.http;

import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads API keys and what they may do from a file. Keys are in it as SHA-256 digests:
 *
 * <pre>
 * {"keys": [
 *   {"name": "team-a", "sha256": "9f86d0...", "models": ["llama"], "requests_per_minute": 600,
 *    "tokens_per_minute": 100000, "tokens_per_day": 5000000, "priority": -1, "weight": 2}]}
 * </pre>
 *
 * <p>Only {@code name} and {@code sha256} are asked for. Keys of one name are one account: they
 * share its limits and its cached blocks, and say the same rules.
 */
final class ApiKeyFile {

    private static final int MOST_BYTES = 8 << 20;
    private static final Set<String> MEMBERS =
            Set.of(
                    "name",
                    "sha256",
                    "models",
                    "requests_per_minute",
                    "tokens_per_minute",
                    "tokens_per_day",
                    "priority",
                    "weight");

    private ApiKeyFile() {}

    /**
     * @throws IllegalArgumentException if the file cannot be used, saying what is wrong where
     */
    static List<ApiKey> read(Path file) {
        JsonValue value;
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw wrong(file, "is larger than " + MOST_BYTES + " bytes");
            }
            value = JsonReader.read(Files.readString(file));
        } catch (CharacterCodingException binary) {
            throw wrong(file, "is not UTF-8 text");
        } catch (IOException unreadable) {
            throw wrong(file, "cannot be read: " + unreadable.getMessage());
        } catch (JsonException malformed) {
            throw wrong(file, "is not JSON: " + malformed.getMessage());
        }
        if (!(value instanceof JsonObject root)
                || !(root.member("keys") instanceof JsonArray(var entries))) {
            throw wrong(file, "must be an object with an array \"keys\"");
        }
        List<ApiKey> keys = new ArrayList<>(entries.size());
        Map<String, AccountRules> accounts = new HashMap<>();
        Set<String> digests = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            String place = "keys[" + i + "]";
            if (!(entries.get(i) instanceof JsonObject entry)) {
                throw wrong(file, place + " must be an object");
            }
            Entry read = new Entry(file, place, entry);
            ApiKey key = read.key();
            AccountRules rules = key.rules().orElseThrow();
            if (!digests.add(HexFormat.of().formatHex(key.sha256()))) {
                throw wrong(file, place + " has a sha256 that is there already");
            }
            AccountRules other = accounts.putIfAbsent(rules.name(), rules);
            if (other != null && !other.equals(rules)) {
                throw wrong(
                        file,
                        place
                                + " says other rules for \""
                                + rules.name()
                                + "\" than a key before; keys of one name share one account");
            }
            keys.add(key);
        }
        return keys;
    }

    private static IllegalArgumentException wrong(Path file, String what) {
        return new IllegalArgumentException(file + " " + what);
    }

    /** One key of the file. */
    private record Entry(Path file, String place, JsonObject object) {

        ApiKey key() {
            for (String member : object.members().keySet()) {
                if (!MEMBERS.contains(member)) {
                    throw wrong(
                            file,
                            place
                                    + " has a member \""
                                    + member
                                    + "\" that means nothing here; known are "
                                    + String.join(", ", MEMBERS.stream().sorted().toList()));
                }
            }
            String name = text("name");
            OptionalLong requests = whole("requests_per_minute", 1, Integer.MAX_VALUE);
            return new ApiKey(
                    digest(),
                    ApiKey.tenantNamed(name),
                    Optional.of(
                            new AccountRules(
                                    name,
                                    models(),
                                    requests.isPresent()
                                            ? OptionalInt.of((int) requests.getAsLong())
                                            : OptionalInt.empty(),
                                    whole("tokens_per_minute", 1, 1L << 50),
                                    whole("tokens_per_day", 1, 1L << 50),
                                    (int) whole("priority", -1_000_000, 1_000_000).orElse(0))),
                    weight());
        }

        private byte[] digest() {
            String hex = text("sha256");
            if (hex.matches("[0-9a-fA-F]{64}")) {
                return HexFormat.of().parseHex(hex);
            }
            throw wrong(
                    file,
                    place + ".sha256 must be 64 hexadecimal digits: printf %s KEY | sha256sum");
        }

        private String text(String member) {
            if (object.member(member) instanceof JsonString(var text)
                    && !text.isBlank()
                    && text.length() <= 200) {
                return text;
            }
            throw wrong(file, place + "." + member + " must be a text of 1 to 200 characters");
        }

        private Set<String> models() {
            if (object.member("models") == null) {
                return Set.of();
            }
            Set<String> names = new HashSet<>();
            if (object.member("models") instanceof JsonArray(var values)) {
                for (JsonValue value : values) {
                    if (value instanceof JsonString(var name)) {
                        names.add(name);
                    }
                }
                if (!names.isEmpty() && names.size() == values.size()) {
                    return names;
                }
            }
            throw wrong(
                    file,
                    place
                            + ".models must be an array of different names; leave it out for all"
                            + " models");
        }

        private OptionalLong whole(String member, long least, long most) {
            JsonValue value = object.member(member);
            if (value == null) {
                return OptionalLong.empty();
            }
            try {
                if (value instanceof JsonNumber(var literal)) {
                    long number = Long.parseLong(literal);
                    if (number >= least && number <= most) {
                        return OptionalLong.of(number);
                    }
                }
            } catch (NumberFormatException noWholeNumber) {
                // Told below, as a number out of range is.
            }
            throw wrong(
                    file,
                    place + "." + member + " must be a whole number from " + least + " to " + most);
        }

        private OptionalDouble weight() {
            JsonValue value = object.member("weight");
            if (value == null) {
                return OptionalDouble.empty();
            }
            if (value instanceof JsonNumber(var literal)) {
                double weight = Double.parseDouble(literal);
                if (weight > 0 && weight <= 1e6) {
                    return OptionalDouble.of(weight);
                }
            }
            throw wrong(file, place + ".weight must be a number above 0");
        }
    }
}
