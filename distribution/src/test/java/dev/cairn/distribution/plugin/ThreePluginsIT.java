package dev.cairn.distribution.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.CairnProcess.Ended;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three plugins of three projects, each with another Jackson, dropped into a copy of the packaged
 * program.
 */
class ThreePluginsIT {

    private static final String MODEL = CairnProcess.tinyModel().toString();

    @TempDir private static Path temporary;
    private static Path home;

    @BeforeAll
    static void installPlugins() throws IOException {
        home = copyOf(CairnProcess.assembled(), temporary.resolve("cairn"));
        Path plugins = Files.createDirectories(home.resolve("plugins"));
        SamplePlugins.runner(temporary.resolve("a")).jar(plugins.resolve("parrot/parrot.jar"));
        SamplePlugins.tier(temporary.resolve("b")).jar(plugins.resolve("sieve.jar"));
        SamplePlugins.policy(temporary.resolve("c")).jar(plugins.resolve("first.jar"));
    }

    @Test
    void cairnPluginsSeesThemEachWithItsOwnJackson() throws IOException {
        Ended ended = CairnProcess.run(home, "plugins");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("cpu (built in)")
                .contains("parrot (%s)".formatted(home.resolve("plugins/parrot")))
                .contains("engine parrot: jackson 1.9.1, loader plugin parrot")
                .contains("block tier sieve-2.0.2")
                .contains("routing policy first-3.7.3");
    }

    @Test
    void theirSettingsAreListed() throws IOException {
        Ended ended = CairnProcess.run(home, "config", "--set", "cairn.engine.parrot.token=7");

        assertThat(ended.out()).contains("cairn.engine.parrot.token = 7").contains("plugin parrot");
    }

    @Test
    void theRunnerIsServedFrom() throws Exception {
        try (CairnProcess cairn =
                CairnProcess.serve(
                        home,
                        "--model",
                        "tiny=" + MODEL,
                        "--engine",
                        "parrot",
                        "--set",
                        "cairn.engine.parrot.token=65")) {
            assertThat(String.join("\n", cairn.output()))
                    .contains("engine  parrot (named by cairn.engine from --engine)");
            HttpRequest request =
                    HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                            .header("Content-Type", "application/json")
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            """
                                            {"model": "tiny", "prompt": "Hello", "max_tokens": 4,
                                             "ignore_eos": true, "return_token_ids": true}
                                            """))
                            .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                String answer = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
                assertThat(answer).contains("\"token_ids\":[65,65,65,65]");
            }
        }
    }

    private static Path copyOf(Path source, Path target) throws IOException {
        try (Stream<Path> paths = Files.walk(source)) {
            for (Path path : paths.toList()) {
                Path copy = target.resolve(source.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else if (!path.toString().endsWith(".aot")) {
                    Files.copy(path, copy);
                }
            }
        }
        Path root = CairnProcess.assembled().getParent().getParent().getParent();
        Files.copy(root.resolve("cairn"), target.resolve("cairn"));
        return target;
    }
}
