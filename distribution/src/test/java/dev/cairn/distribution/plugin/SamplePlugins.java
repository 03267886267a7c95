package dev.cairn.distribution.plugin;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The plugins of {@code src/test/plugins}, each with a Jackson of its own. */
final class SamplePlugins {

    private SamplePlugins() {}

    /** An engine. */
    static PluginProject runner(Path folder) throws IOException {
        return project("runner", folder)
                .bundlingJackson("1.9.1")
                .provider("sample.runner.ParrotPlugin");
    }

    /** A tier. */
    static PluginProject tier(Path folder) throws IOException {
        return project("tier", folder).bundlingJackson("2.0.2").provider("sample.tier.SievePlugin");
    }

    /** A routing policy. */
    static PluginProject policy(Path folder) throws IOException {
        return project("policy", folder)
                .bundlingJackson("3.7.3")
                .provider("sample.policy.FirstPlugin");
    }

    /** The plugins that are found in {@code home/plugins}, and what the host lends them. */
    static Setup setup(Path home) {
        return Setup.read(
                new Installation(Optional.of(home)),
                new ConfigurationInput(
                        Optional.empty(), Optional.empty(), Map.of(), Map.of(), List.of()));
    }

    /** What the host lends to a plugin; nothing here ever comes due. */
    static PluginContext context(Setup setup) {
        Timers timers = (atNanos, due) -> () -> {};
        return new PluginContext(
                setup.configuration(), Telemetry.none(), new Standstill(), timers, () -> 0);
    }

    private static PluginProject project(String name, Path folder) throws IOException {
        Path sources =
                CairnProcess.checkout().resolve("distribution/src/test/plugins").resolve(name);
        PluginProject project = new PluginProject(folder);
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                String path = sources.relativize(file).toString();
                project.source(
                        path.substring(0, path.length() - ".java".length()).replace('/', '.'),
                        Files.readString(file));
            }
        }
        return project;
    }

    private static final class Standstill implements Clock {

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }
    }
}
