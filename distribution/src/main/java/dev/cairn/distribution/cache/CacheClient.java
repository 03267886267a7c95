package dev.cairn.distribution.cache;

import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Speaks JSON with a running server. Threads: any.
 *
 * <p>Whatever goes wrong is a {@link StartException} with a message for the user.
 */
public final class CacheClient implements AutoCloseable {

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final URI server;
    private final Optional<String> key;

    /**
     * @param key sent with every request
     */
    public CacheClient(URI server, Optional<String> key) {
        this.server = server;
        this.key = key;
    }

    /** What a path answers. */
    public JsonObject get(String path) {
        return expect(send(request(path).GET().build()));
    }

    /** What a path answers to an object. */
    public JsonObject post(String path, JsonObject body) {
        return expect(answer(path, body));
    }

    /** The same, whatever its status is. */
    Answer answer(String path, JsonObject body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        JsonWriter.write(body), StandardCharsets.UTF_8))
                        .build());
    }

    private JsonObject expect(Answer answer) {
        if (answer.status != 200) {
            throw new StartException(
                    "the server answered %d: %s".formatted(answer.status, answer.problem()));
        }
        return answer.body;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path));
        key.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        return request;
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            long pause =
                    response.headers().firstValueAsLong("retry-after-ms").orElse(Answer.NO_PAUSE);
            return new Answer(response.statusCode(), object(response.body()), pause);
        } catch (IOException nobody) {
            throw new StartException(
                    "nobody answers at %s; is `cairn serve` running there? Name another by --url"
                            .formatted(server),
                    nobody);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", stopped);
        }
    }

    private static JsonObject object(String text) {
        try {
            return JsonReader.read(text) instanceof JsonObject object ? object : JsonObject.empty();
        } catch (JsonException noJson) {
            return JsonObject.empty();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /**
     * What a server said.
     *
     * @param body empty if it was no object
     * @param pauseMillis after which the server would like to be asked again
     */
    record Answer(int status, JsonObject body, long pauseMillis) {

        static final long NO_PAUSE = 1_000;

        String problem() {
            JsonValue error = body.member("error");
            JsonValue message = error instanceof JsonObject told ? told.member("message") : null;
            return message instanceof JsonString(String text) ? text : "no reason given";
        }
    }
}
