package dev.cairn.distribution.config;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings.SettingException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Builds the configuration: packaged defaults &lt; file &lt; environment &lt; system properties
 * &lt; command line. A key that nobody described and a value that is not of its key's type stop the
 * start here, before anything was opened.
 */
public final class ConfigurationReader {

    private static final String PREFIX = "cairn.";
    private static final String ENVIRONMENT_PREFIX = "CAIRN_";

    /** Read by the launcher script and by the program itself before there is a configuration. */
    private static final Set<String> LAUNCHER_VARIABLES =
            Set.of(
                    "CAIRN_JAVA_HOME",
                    "CAIRN_JAVA_OPTS",
                    "CAIRN_BUILD",
                    "CAIRN_AOT",
                    "CAIRN_CONFIG",
                    "CAIRN_STACKTRACE");

    /**
     * What Kubernetes and Docker put into the environment of every container beside a service that
     * is called "cairn": not ours to judge.
     */
    private static final Predicate<String> SERVICE_LINK =
            Pattern.compile("CAIRN_(.*_)?(SERVICE_(HOST|PORT.*)|PORT|PORT_[0-9]+_(TCP|UDP).*)")
                    .asMatchPredicate();

    private final SettingCatalog catalog;

    public ConfigurationReader(SettingCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * @throws SettingException with the whole sentence for the user
     */
    public Configuration read(ConfigurationInput input) {
        List<String> warnings = new ArrayList<>();
        List<LayeredSource> sources =
                List.of(
                        file(input),
                        environment(input.environment(), warnings),
                        systemProperties(input.systemProperties()),
                        commandLine(input.commandLine()));
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withSources(defaults());
        Map<String, LayeredSource> byName = new LinkedHashMap<>();
        for (LayeredSource source : sources) {
            refuseUnknown(source);
            builder.withSources(source);
            byName.put(source.getName(), source);
        }
        Configuration configuration = new Configuration(catalog, builder.build(), byName, warnings);
        checkTexts(configuration);
        return configuration;
    }

    private LayeredSource defaults() {
        LayeredSource source = new LayeredSource("packaged defaults", 100);
        for (SettingCatalog.Described described : catalog.all()) {
            SettingDescription description = described.description();
            description
                    .defaultValue()
                    .ifPresent(text -> source.put(description.key(), text, "by default"));
        }
        return source;
    }

    private LayeredSource file(ConfigurationInput input) {
        LayeredSource source = new LayeredSource("file", 200);
        Optional<Path> file =
                input.file().or(() -> input.packagedFile().filter(Files::isRegularFile));
        if (file.isPresent()) {
            PropertiesFile.read(file.get())
                    .forEach(
                            (key, entry) ->
                                    source.put(
                                            key,
                                            entry.value(),
                                            "in %s line %d".formatted(file.get(), entry.line())));
        }
        return source;
    }

    private LayeredSource environment(Map<String, String> environment, List<String> warnings) {
        LayeredSource source = new LayeredSource("environment", 300);
        Map<String, String> keyOf = new LinkedHashMap<>();
        for (String key : catalog.keys()) {
            keyOf.put(environmentName(key), key);
        }
        environment.forEach(
                (name, value) -> {
                    String key = keyOf.get(name);
                    if (key != null) {
                        source.put(key, value, "from environment variable " + name);
                    } else if (name.startsWith(ENVIRONMENT_PREFIX)
                            && !LAUNCHER_VARIABLES.contains(name)
                            && !SERVICE_LINK.test(name)) {
                        warnings.add(
                                "environment variable %s is no setting%s"
                                        .formatted(name, meant(name, keyOf.keySet())));
                    }
                });
        return source;
    }

    /** MicroProfile Config's rule: what is neither letter nor digit becomes an underscore. */
    static String environmentName(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static LayeredSource systemProperties(Map<String, String> properties) {
        LayeredSource source = new LayeredSource("system properties", 400);
        properties.forEach(
                (key, value) -> {
                    if (key.startsWith(PREFIX)) {
                        source.put(key, value, "from system property -D" + key);
                    }
                });
        return source;
    }

    private static LayeredSource commandLine(List<ConfigurationInput.Assignment> assignments) {
        LayeredSource source = new LayeredSource("command line", 500);
        for (ConfigurationInput.Assignment assignment : assignments) {
            source.put(assignment.key(), assignment.value(), "from " + assignment.place());
        }
        return source;
    }

    private void refuseUnknown(LayeredSource source) {
        for (String key : source.getPropertyNames()) {
            if (catalog.find(key).isEmpty()) {
                throw new SettingException(
                        "%s %s is no setting%s"
                                .formatted(key, source.place(key), meant(key, catalog.keys())));
            }
        }
    }

    private static String meant(String word, Iterable<String> known) {
        List<String> candidates = new ArrayList<>();
        known.forEach(candidates::add);
        return Spelling.nearest(word, candidates)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElse("; `cairn config` lists all settings");
    }

    private void checkTexts(Configuration configuration) {
        for (SettingCatalog.Described described : catalog.all()) {
            String key = described.description().key();
            switch (described.description().type()) {
                case STRING -> configuration.text(key);
                case BOOLEAN -> configuration.flag(key);
                case INTEGER -> configuration.integer(key);
                case DECIMAL -> configuration.decimal(key);
                case SIZE -> configuration.size(key);
                case DURATION -> configuration.duration(key);
                case LIST -> configuration.list(key);
            }
        }
    }
}
