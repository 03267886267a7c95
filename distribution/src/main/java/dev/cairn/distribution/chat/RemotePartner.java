package dev.cairn.distribution.chat;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A model on a server that speaks OpenAI's API. */
public final class RemotePartner implements ChatPartner, AutoCloseable {

    private static final String EVENT = "data: ";
    private static final String LAST_EVENT = "[DONE]";

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final URI server;
    private final Optional<String> apiKey;
    private final ChatOptions options;
    private final String model;
    private volatile InputStream running = InputStream.nullInputStream();
    private volatile boolean aborted;

    /**
     * Asks the server for its models.
     *
     * @param wanted the model to talk with; empty = the server's first
     * @throws ChatException if nobody answers there
     */
    public RemotePartner(
            URI server, Optional<String> wanted, Optional<String> apiKey, ChatOptions options) {
        this.server = server;
        this.apiKey = apiKey;
        this.options = options;
        this.model = wanted.orElseGet(this::firstModel);
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public void answer(List<JsonObject> messages, Consumer<String> text) {
        aborted = false;
        HttpResponse<InputStream> response =
                send(
                        request("/v1/chat/completions")
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                JsonWriter.write(body(messages))))
                                .build());
        try (InputStream stream = response.body()) {
            running = stream;
            if (response.statusCode() != 200) {
                throw new ChatException(problem(response.statusCode(), stream.readAllBytes()));
            }
            readEvents(stream, text);
        } catch (IOException broken) {
            if (!aborted) {
                throw new ChatException("the connection broke: " + broken.getMessage(), broken);
            }
        } finally {
            running = InputStream.nullInputStream();
        }
    }

    @Override
    public void abort() {
        aborted = true;
        try {
            running.close();
        } catch (IOException alreadyBroken) {
            // Then nothing is left to abort.
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private void readEvents(InputStream stream, Consumer<String> text) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(EVENT)) {
                String event = line.substring(EVENT.length());
                if (event.equals(LAST_EVENT)) {
                    return;
                }
                delta(event).ifPresent(text);
            }
        }
        if (!aborted) {
            throw new ChatException("the server ended the answer early");
        }
    }

    private static Optional<String> delta(String event) {
        JsonValue chunk = parse(event);
        if (chunk instanceof JsonObject object && object.member("error") != null) {
            throw new ChatException(errorMessage(chunk).orElse("the server failed"));
        }
        return member(chunk, "choices")
                .flatMap(RemotePartner::first)
                .flatMap(choice -> member(choice, "delta"))
                .flatMap(delta -> member(delta, "content"))
                .flatMap(RemotePartner::text);
    }

    private JsonObject body(List<JsonObject> messages) {
        JsonValue.Builder body =
                JsonObject.builder()
                        .put("model", model)
                        .put("messages", JsonValue.array(messages))
                        .put("stream", true);
        options.maxTokens().ifPresent(tokens -> body.put("max_tokens", tokens));
        options.temperature().ifPresent(value -> body.put("temperature", value));
        return body.build();
    }

    private String firstModel() {
        HttpResponse<InputStream> response = send(request("/v1/models").GET().build());
        try (InputStream stream = response.body()) {
            byte[] bytes = stream.readAllBytes();
            if (response.statusCode() != 200) {
                throw new ChatException(problem(response.statusCode(), bytes));
            }
            return member(parse(new String(bytes, StandardCharsets.UTF_8)), "data")
                    .flatMap(RemotePartner::first)
                    .flatMap(first -> member(first, "id"))
                    .flatMap(RemotePartner::text)
                    .orElseThrow(() -> new ChatException(server + " serves no model"));
        } catch (IOException broken) {
            throw new ChatException("the connection broke: " + broken.getMessage(), broken);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path));
        apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        return request;
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException nobody) {
            throw new ChatException(
                    "nobody answers at %s; is `cairn serve` running there?".formatted(server),
                    nobody);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ChatException("interrupted", stopped);
        }
    }

    private static String problem(int status, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return "the server answered %d: %s"
                .formatted(status, errorMessage(parse(text)).orElse(text));
    }

    private static Optional<String> errorMessage(JsonValue body) {
        return member(body, "error")
                .flatMap(error -> member(error, "message"))
                .flatMap(RemotePartner::text);
    }

    private static JsonValue parse(String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonException noJson) {
            return JsonObject.empty();
        }
    }

    private static Optional<JsonValue> member(JsonValue value, String name) {
        return value instanceof JsonObject object
                ? Optional.ofNullable(object.member(name))
                : Optional.empty();
    }

    private static Optional<JsonValue> first(JsonValue value) {
        return value instanceof JsonArray(var values)
                ? values.stream().findFirst()
                : Optional.empty();
    }

    private static Optional<String> text(JsonValue value) {
        return value instanceof JsonString(var text) ? Optional.of(text) : Optional.empty();
    }
}
