package dev.cairn.distribution.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.plugin.CairnPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginFolderIT {

    @TempDir private Path temporary;

    @Test
    void aJarAndAFolderOfJarsArePlugins() throws IOException {
        Path plugins = Files.createDirectories(temporary.resolve("plugins"));
        SamplePlugins.tier(temporary.resolve("a")).jar(plugins.resolve("sieve.jar"));
        SamplePlugins.policy(temporary.resolve("b")).jar(plugins.resolve("first/first.jar"));
        new PluginProject(temporary.resolve("c"))
                .source("sample.library.Library", "package sample.library; public class Library {}")
                .jar(plugins.resolve("first/library.jar"));

        List<InstalledPlugin> loaded = new PluginFolder(plugins).load();

        assertThat(loaded).extracting(InstalledPlugin::name).containsExactly("first", "sieve");
        assertThat(loaded).extracting(InstalledPlugin::loader).doesNotHaveDuplicates();
    }

    @Test
    void aPluginSeesItsOwnLibrariesTheJdkAndThePortsAndNothingElse() throws Exception {
        Path plugins = Files.createDirectories(temporary.resolve("plugins"));
        SamplePlugins.tier(temporary.resolve("a")).jar(plugins.resolve("sieve.jar"));

        ClassLoader loader = new PluginFolder(plugins).load().getFirst().loader();

        assertThat(loader.loadClass(CairnPlugin.class.getName())).isSameAs(CairnPlugin.class);
        assertThat(loader.loadClass("java.sql.Connection")).isNotNull();
        Class<?> jackson = loader.loadClass("com.fasterxml.jackson.core.json.PackageVersion");
        assertThat(jackson.getClassLoader()).isSameAs(loader);
        for (String hidden :
                List.of(
                        "dev.cairn.core.mailbox.Mailbox",
                        "dev.cairn.distribution.CairnLauncher",
                        "picocli.CommandLine",
                        "com.fasterxml.jackson.core.JsonFactory")) {
            assertThatThrownBy(() -> loader.loadClass(hidden))
                    .isInstanceOf(ClassNotFoundException.class);
        }
        assertThat(loader.getResource("META-INF/MANIFEST.MF").toString()).contains("sieve.jar");
    }

    @Test
    void portsThatAPluginBundlesByMistakeAreNotUsed() throws IOException {
        Path plugins = Files.createDirectories(temporary.resolve("plugins"));
        SamplePlugins.tier(temporary.resolve("a"))
                .source(
                        "dev.cairn.ports.plugin.Extension",
                        """
                        package dev.cairn.ports.plugin;
                        public record Extension<T>(String name, java.util.function.Supplier<T> open) {}
                        """)
                .jar(plugins.resolve("sieve.jar"));

        assertThat(new PluginFolder(plugins).load())
                .extracting(InstalledPlugin::name)
                .containsExactly("sieve");
    }

    @Test
    void aJarWithoutAProviderStopsTheStart() throws IOException {
        Path jar =
                new PluginProject(temporary.resolve("a"))
                        .source("sample.Nothing", "package sample; public class Nothing {}")
                        .jar(temporary.resolve("plugins/nothing.jar"));

        assertThatThrownBy(() -> new PluginFolder(jar.getParent()).load())
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith(jar + " is no Cairn plugin");
    }

    @Test
    void aPluginForAnotherVersionStopsTheStart() throws IOException {
        Path jar =
                SamplePlugins.tier(temporary.resolve("a"))
                        .attribute(CairnPlugin.SPI_VERSION_ATTRIBUTE, "99")
                        .jar(temporary.resolve("plugins/sieve.jar"));

        assertThatThrownBy(() -> new PluginFolder(jar.getParent()).load())
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith(jar + " was built for version 99 of Cairn's interfaces");
    }

    @Test
    void aPluginThatDoesNotSayItsVersionStopsTheStart() throws IOException {
        Path jar =
                SamplePlugins.tier(temporary.resolve("a"))
                        .withoutAttribute(CairnPlugin.SPI_VERSION_ATTRIBUTE)
                        .jar(temporary.resolve("plugins/sieve.jar"));

        assertThatThrownBy(() -> new PluginFolder(jar.getParent()).load())
                .isInstanceOf(PluginException.class)
                .hasMessageContaining("its manifest needs \"Cairn-Spi-Version: 1\"");
    }

    @Test
    void whatIsNoJarAtAllStopsTheStart() throws IOException {
        Path plugins = Files.createDirectories(temporary.resolve("plugins"));
        Path broken = Files.writeString(plugins.resolve("broken.jar"), "no zip");

        assertThatThrownBy(() -> new PluginFolder(plugins).load())
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith(broken + " cannot be read as a jar");
    }

    @Test
    void aProviderThatIsMissingStopsTheStart() throws IOException {
        Path jar =
                SamplePlugins.tier(temporary.resolve("a"))
                        .provider("sample.tier.Elsewhere")
                        .jar(temporary.resolve("plugins/sieve.jar"));

        assertThatThrownBy(() -> new PluginFolder(jar.getParent()).load())
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith(jar + " cannot be loaded: ")
                .hasMessageContaining("sample.tier.Elsewhere");
    }

    @Test
    void twoPluginsOfOneNameStopTheStart() throws IOException {
        Path plugins = Files.createDirectories(temporary.resolve("plugins"));
        SamplePlugins.tier(temporary.resolve("a")).jar(plugins.resolve("one.jar"));
        SamplePlugins.tier(temporary.resolve("b")).jar(plugins.resolve("two.jar"));

        assertThatThrownBy(() -> PluginCatalog.find(Optional.of(plugins)))
                .isInstanceOf(PluginException.class)
                .hasMessage(
                        "two plugins are called \"sieve\": %s and %s; remove one of them"
                                .formatted(plugins.resolve("one.jar"), plugins.resolve("two.jar")));
    }
}
