package dev.cairn.distribution.config;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;

/**
 * The merged configuration: {@link Settings} for everybody, and for the program itself also where
 * each value came from. Threads: any; immutable.
 */
public final class Configuration implements Settings {

    private static final String HIDDEN = "(hidden)";

    private final SettingCatalog catalog;
    private final Config merged;
    private final Map<String, LayeredSource> sources;
    private final List<String> warnings;

    Configuration(
            SettingCatalog catalog,
            Config merged,
            Map<String, LayeredSource> sources,
            List<String> warnings) {
        this.catalog = catalog;
        this.merged = merged;
        this.sources = Map.copyOf(sources);
        this.warnings = List.copyOf(warnings);
    }

    /** What looks like a mistake but need not be one; a line each. */
    public List<String> warnings() {
        return warnings;
    }

    /** The MicroProfile view of the same values. */
    public Config asMicroProfile() {
        return merged;
    }

    /** Every described key with its value, in alphabetical order. */
    public List<Line> lines() {
        return catalog.all().stream()
                .map(
                        described -> {
                            SettingDescription description = described.description();
                            Optional<String> value =
                                    raw(description.key())
                                            .map(text -> description.secret() ? HIDDEN : text);
                            return new Line(
                                    description,
                                    value,
                                    origin(description.key()),
                                    described.owner());
                        })
                .toList();
    }

    /** Values of secret keys, elements of lists one by one, so that logs can leave them out. */
    public List<String> secrets() {
        return catalog.all().stream()
                .map(SettingCatalog.Described::description)
                .filter(SettingDescription::secret)
                .flatMap(
                        description ->
                                description.type() == SettingDescription.Type.LIST
                                        ? list(description.key()).stream()
                                        : text(description.key()).stream())
                .toList();
    }

    /**
     * The key as a message begins: with the place where its value stands, {@code "cairn.dtype from
     * --dtype"}.
     */
    public String place(String key) {
        return source(key).map(source -> key + " " + source.place(key)).orElse(key);
    }

    /** An error about the value of a key; the message begins with the place where it stands. */
    public SettingException problem(String key, String what) {
        return new SettingException(place(key) + ": " + what);
    }

    /** Whether somebody set the key: another source than the packaged defaults has it. */
    public boolean isSet(String key) {
        return source(key).isPresent() && raw(key).isPresent();
    }

    /**
     * The value of a key that has a default.
     *
     * @throws SettingException if somebody set it to nothing
     */
    public String requiredText(String key) {
        return text(key).orElseThrow(() -> empty(key));
    }

    /** As {@link #requiredText}, for whole numbers between bounds. */
    public int requiredInteger(String key, int least, int most) {
        long value = integer(key).orElseThrow(() -> empty(key));
        if (value < least || value > most) {
            throw problem(key, "must be from %d to %d, got %d".formatted(least, most, value));
        }
        return (int) value;
    }

    @Override
    public Optional<String> text(String key) {
        return read(key, Function.identity());
    }

    @Override
    public Optional<Boolean> flag(String key) {
        return read(key, SettingText::flag);
    }

    @Override
    public OptionalLong integer(String key) {
        return toLong(read(key, SettingText::integer));
    }

    @Override
    public OptionalDouble decimal(String key) {
        return read(key, SettingText::decimal)
                .map(OptionalDouble::of)
                .orElse(OptionalDouble.empty());
    }

    @Override
    public OptionalLong size(String key) {
        return toLong(read(key, SettingText::size));
    }

    @Override
    public Optional<Duration> duration(String key) {
        return read(key, SettingText::duration);
    }

    @Override
    public List<String> list(String key) {
        return read(key, SettingText::list).orElse(List.of());
    }

    private <T> Optional<T> read(String key, Function<String, T> reader) {
        SettingCatalog.Described described =
                catalog.find(key)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "nobody described the setting " + key));
        try {
            return raw(key).map(reader);
        } catch (IllegalArgumentException wrong) {
            String shown =
                    described.description().secret()
                            ? "its value is not what the key takes"
                            : wrong.getMessage();
            throw problem(key, shown);
        }
    }

    private Optional<String> raw(String key) {
        String value = merged.getConfigValue(key).getRawValue();
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    private Optional<LayeredSource> source(String key) {
        String name = merged.getConfigValue(key).getSourceName();
        return Optional.ofNullable(name).map(sources::get);
    }

    private String origin(String key) {
        return source(key)
                .map(source -> source.place(key).replaceFirst("^(in|from) ", ""))
                .orElseGet(() -> raw(key).isPresent() ? "default" : "not set");
    }

    private SettingException empty(String key) {
        return problem(key, "must not be empty; remove it to get its default back");
    }

    private static OptionalLong toLong(Optional<Long> value) {
        return value.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /**
     * A line of {@code cairn config}.
     *
     * @param value as written; hidden for secrets, empty if unset
     * @param origin where it stands, {@code "default"}, or {@code "not set"}
     * @param owner the part that reads it
     */
    public record Line(
            SettingDescription description, Optional<String> value, String origin, String owner) {}

    /** Whether somebody described the key. */
    public boolean knows(String key) {
        return catalog.find(key).isPresent();
    }
}
