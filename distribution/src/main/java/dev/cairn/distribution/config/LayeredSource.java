package dev.cairn.distribution.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * One layer of configuration for MicroProfile Config that knows, for every key, the words in which
 * to tell the user where it stands.
 */
final class LayeredSource implements ConfigSource {

    private final String name;
    private final int ordinal;
    private final Map<String, Placed> values = new LinkedHashMap<>();

    LayeredSource(String name, int ordinal) {
        this.name = name;
        this.ordinal = ordinal;
    }

    /**
     * @param place follows the key in a message: {@code "in cairn.properties line 12"}, {@code
     *     "from --port"}
     */
    LayeredSource put(String key, String value, String place) {
        values.put(key, new Placed(value, place));
        return this;
    }

    String place(String key) {
        return values.get(key).place();
    }

    @Override
    public Set<String> getPropertyNames() {
        return values.keySet();
    }

    @Override
    public String getValue(String key) {
        Placed placed = values.get(key);
        return placed == null ? null : placed.value();
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getOrdinal() {
        return ordinal;
    }

    private record Placed(String value, String place) {}
}
