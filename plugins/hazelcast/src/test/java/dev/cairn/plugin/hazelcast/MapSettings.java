package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Settings out of a map; durations in milliseconds. */
record MapSettings(String prefix, Map<String, String> values) implements Settings {

    @Override
    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key.substring(prefix.length())));
    }

    @Override
    public Optional<Boolean> flag(String key) {
        return text(key).map(Boolean::valueOf);
    }

    @Override
    public OptionalLong integer(String key) {
        return text(key).map(Long::valueOf).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    @Override
    public OptionalDouble decimal(String key) {
        return text(key)
                .map(Double::valueOf)
                .map(OptionalDouble::of)
                .orElse(OptionalDouble.empty());
    }

    @Override
    public OptionalLong size(String key) {
        return integer(key);
    }

    @Override
    public Optional<Duration> duration(String key) {
        return text(key).map(Long::valueOf).map(Duration::ofMillis);
    }

    @Override
    public List<String> list(String key) {
        return text(key).map(text -> List.of(text.split(","))).orElse(List.of());
    }
}
