package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.distribution.plugin.InstalledPlugin;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.engine.EngineAvailability;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Which engine computes, and why. */
@Singleton
public final class EngineChoice {

    private static final String AUTO = "auto";

    private final Configuration configuration;
    private final List<Engine> engines;

    @Inject
    EngineChoice(Configuration configuration, PluginCatalog plugins, PluginContext context) {
        this.configuration = configuration;
        this.engines =
                plugins
                        .offers(ModelRunnerFactory.class, context, CairnPlugin::modelRunners)
                        .stream()
                        .map(offer -> Engine.of(offer.extension(), offer.plugin()))
                        .toList();
    }

    /** Every engine that somebody offers, usable or not. */
    public List<Engine> engines() {
        return engines;
    }

    /**
     * The engine that configuration names, or the usable one of highest preference.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if the named one is unknown or
     *     cannot be used here
     * @throws StartException if none can
     */
    Chosen choose() {
        String wanted = configuration.requiredText(ProgramSettings.ENGINE);
        return wanted.equals(AUTO) ? best() : named(wanted);
    }

    private Chosen best() {
        Engine best =
                engines.stream()
                        .filter(engine -> engine.availability().usable())
                        .filter(engine -> !engine.onlyByName())
                        .max(Comparator.comparingInt(e -> e.availability().preference()))
                        .orElseThrow(() -> new StartException(noneUsable()));
        boolean alone = engines.stream().allMatch(e -> e == best || e.onlyByName());
        return new Chosen(
                best,
                alone
                        ? "the only one here"
                        : "best of those here; `cairn plugins` says why not others");
    }

    private Chosen named(String wanted) {
        for (Engine engine : engines) {
            if (engine.factory().name().equals(wanted)) {
                if (!engine.availability().usable()) {
                    throw configuration.problem(
                            ProgramSettings.ENGINE,
                            "engine %s cannot be used here: %s"
                                    .formatted(wanted, engine.availability().report()));
                }
                return new Chosen(
                        engine, "named by " + configuration.place(ProgramSettings.ENGINE));
            }
        }
        List<String> names = engines.stream().map(engine -> engine.factory().name()).toList();
        throw configuration.problem(
                ProgramSettings.ENGINE,
                "there is no engine \"%s\"%s; write auto or one of: %s"
                        .formatted(
                                wanted,
                                Spelling.nearest(wanted, names)
                                        .map(near -> ", did you mean " + near + "?")
                                        .orElse(""),
                                String.join(", ", names)));
    }

    private String noneUsable() {
        return engines.isEmpty()
                ? "no engine is installed; put one into the plugins folder"
                : "no engine can be used here: "
                        + engines.stream().map(Engine::whyNot).collect(Collectors.joining("; "));
    }

    /**
     * An engine on offer.
     *
     * @param plugin who offers it
     */
    public record Engine(
            ModelRunnerFactory factory, InstalledPlugin plugin, EngineAvailability availability) {

        static Engine of(ModelRunnerFactory factory, InstalledPlugin plugin) {
            return new Engine(factory, plugin, availability(factory));
        }

        /** The contract says that the question never throws; a broken plugin may. */
        private static EngineAvailability availability(ModelRunnerFactory factory) {
            try {
                return factory.availability();
            } catch (RuntimeException | LinkageError broken) {
                return new EngineAvailability(false, 0, "its availability check failed: " + broken);
            }
        }

        private boolean onlyByName() {
            return availability.usable()
                    && availability.preference() == EngineAvailability.ONLY_BY_NAME;
        }

        private String whyNot() {
            if (onlyByName()) {
                return factory.name() + " only by name";
            }
            return availability.usable()
                    ? "%s has preference %d".formatted(factory.name(), availability.preference())
                    : "%s not: %s".formatted(factory.name(), availability.report());
        }
    }

    /**
     * @param why it was this one, for the banner
     */
    record Chosen(Engine engine, String why) {}
}
