package dev.cairn.relaying;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a relay: keys from a file that changes, models by key. */
class RelayProcessIT {

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir private Path folder;

    @Test
    void aChangedKeyFileIsReadAgainAndModelsAreListedByKey() throws IOException {
        Path keys = folder.resolve("keys.json");
        write(keys, "old", "\"m\"");
        try (var engine = new SmallEngine("one");
                var relay =
                        CairnProcess.serve(
                                CairnProcess.assembled(),
                                "--role",
                                "router",
                                "--set",
                                "cairn.remote.workers=" + engine.url(),
                                "--set",
                                "cairn.http.api-key-file=" + keys,
                                "--set",
                                "cairn.http.tls.poll=1s")) {
            assertThat(chat(relay, "old").statusCode()).isEqualTo(200);
            assertThat(chat(relay, "new").statusCode()).isEqualTo(401);
            assertThat(models(relay, "old")).contains("\"id\":\"m\"");
            write(keys, "new", "\"other\"");
            Patience.until("the old key is refused", () -> chat(relay, "old").statusCode() == 401);
            assertThat(models(relay, "new")).doesNotContain("\"id\":\"m\"");
            assertThat(chat(relay, "new").statusCode())
                    .as("not a model of this key")
                    .isEqualTo(404);
            write(keys, "new", "\"m\"");
            Patience.until("the model is allowed", () -> chat(relay, "new").statusCode() == 200);
            assertThat(engine.heads()).noneMatch(head -> head.contains("Bearer"));
        }
    }

    private HttpResponse<String> chat(CairnProcess relay, String key) {
        return send(
                HttpRequest.newBuilder(relay.url().resolve(RelayUnderTest.CHAT))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(RelayUnderTest.HELLO)),
                key);
    }

    private String models(CairnProcess relay, String key) {
        URI models = relay.url().resolve("/v1/models");
        return send(HttpRequest.newBuilder(models), key).body();
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String key) {
        try {
            return client.send(
                    request.header("Authorization", "Bearer " + key).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** Moved into its place whole, so that nobody reads half of it. */
    private static void write(Path file, String key, String models) throws IOException {
        Path next = file.resolveSibling("next.json");
        Files.writeString(
                next,
                "{\"keys\":[{\"name\":\"ann\",\"sha256\":\"%s\",\"models\":[%s]}]}"
                        .formatted(digest(key), models));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String digest(String key) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
