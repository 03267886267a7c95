package dev.cairn.distribution.bench.server;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.LoadClient.Reply;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Api;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.prompt.PromptWriter;
import dev.cairn.distribution.bench.prompt.ServerTokens;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A server that speaks OpenAI's API, with what was found out about it. Closing it ends the
 * connection that questions about it go over.
 *
 * @param control for what is not load: metrics, counting tokens
 * @param keys API keys that it takes; empty = it asks for none
 * @param maxModelTokens longest prompt and answer together; empty if it does not say
 * @param writer counts tokens as this server does, where it tells
 */
public record ServerUnderTest(
        LoadClient control,
        Duration patience,
        String model,
        Api api,
        List<String> keys,
        Optional<Long> maxModelTokens,
        PromptWriter writer)
        implements AutoCloseable {

    public ServerUnderTest {
        keys = List.copyOf(keys);
    }

    /**
     * Asks a server for its models, and which of the two APIs the model takes.
     *
     * @param model empty = its first
     * @param api empty = chat where the model has a template
     * @throws ServerException if nobody answers, or nothing is served
     */
    public static ServerUnderTest find(
            URI url,
            Duration patience,
            Optional<String> model,
            Optional<Api> api,
            List<String> keys) {
        LoadClient control = new LoadClient(url, patience);
        try {
            return find(control, patience, model, api, keys);
        } catch (IOException nobody) {
            control.close();
            throw new ServerException(
                    "nobody answers at %s: %s; is a server running there?"
                            .formatted(url, nobody.getMessage()),
                    nobody);
        } catch (RuntimeException wrong) {
            control.close();
            throw wrong;
        }
    }

    private static ServerUnderTest find(
            LoadClient control,
            Duration patience,
            Optional<String> model,
            Optional<Api> api,
            List<String> keys)
            throws IOException {
        Optional<String> key = keys.stream().findFirst();
        Reply models = control.get("/v1/models", key);
        if (models.status() != 200) {
            throw new ServerException(
                    "%s/v1/models answered %d: %s"
                            .formatted(control.server(), models.status(), models.body()),
                    null);
        }
        JsonObject served = served(models, model, control.server());
        String name = served.member("id") instanceof JsonString(var id) ? id : "";
        Api spoken = api.isPresent() ? api.get() : spoken(control, key, name);
        Optional<Long> longest =
                served.member("max_model_len") instanceof JsonNumber number
                        ? Optional.of((long) number.doubleValue())
                        : Optional.empty();
        PromptWriter writer =
                new PromptWriter(spoken, ServerTokens.find(control, key, name, spoken));
        return new ServerUnderTest(control, patience, name, spoken, keys, longest, writer);
    }

    public URI url() {
        return control.server();
    }

    @Override
    public void close() {
        control.close();
    }

    /** A client of its own for a load. */
    public LoadClient client() {
        return new LoadClient(url(), patience);
    }

    /** Requests with the first key, if any. */
    public Requests requests(JsonObject extra) {
        return new Requests(api, model, keys.stream().findFirst(), extra);
    }

    /** The server's metrics page now; empty where it has none. */
    public Optional<MetricsPage> metrics() {
        try {
            Reply reply = control.get("/metrics", keys.stream().findFirst());
            return reply.status() == 200
                    ? Optional.of(MetricsPage.read(reply.body()))
                    : Optional.empty();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static JsonObject served(Reply reply, Optional<String> wanted, URI url) {
        if (reply.member("data").orElse(null) instanceof JsonArray(var models)) {
            for (var each : models) {
                if (each instanceof JsonObject object
                        && object.member("id") instanceof JsonString(var id)
                        && wanted.map(id::equals).orElse(true)) {
                    return object;
                }
            }
        }
        throw new ServerException(
                wanted.map(name -> url + " serves no model " + name)
                        .orElse(url + " serves no model"),
                null);
    }

    private static Api spoken(LoadClient client, Optional<String> key, String model)
            throws IOException {
        JsonObject chat =
                Api.CHAT
                        .put(
                                JsonObject.builder().put("model", model),
                                List.of(new Message("user", "stone")))
                        .put("max_tokens", 1)
                        .build();
        return client.post(Api.CHAT.path(), key, chat).status() == 200 ? Api.CHAT : Api.COMPLETIONS;
    }
}
