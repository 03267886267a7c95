package dev.cairn.transport.http;

import dev.cairn.ports.telemetry.Telemetry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A server on a free port over a {@link ScriptedService}, and a client of it. */
final class RunningServer implements AutoCloseable {

    final ScriptedService service = new ScriptedService();
    final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RunningServer(HttpOptions options) {
        server =
                new HttpServer(
                        options,
                        "1.2.3",
                        service,
                        Telemetry.none(),
                        () -> "cairn:up 1\n",
                        List.of(),
                        () -> 5_000);
        server.start();
    }

    static RunningServer start() {
        return new RunningServer(HttpOptions.loopback(0));
    }

    static RunningServer start(UnaryOperator<HttpOptions> change) {
        return new RunningServer(change.apply(HttpOptions.loopback(0)));
    }

    static HttpOptions withKeys(HttpOptions options, List<String> keys, String adminKey) {
        return new HttpOptions(
                options.host(),
                options.port(),
                keys,
                options.apiKeyFile(),
                Optional.of(adminKey),
                options.insecure(),
                options.tls(),
                options.trustChatTemplates(),
                options.keepAliveComment(),
                options.tlsPoll(),
                options.limits());
    }

    static HttpOptions withLimits(HttpOptions options, HttpOptions.Limits limits) {
        return new HttpOptions(
                options.host(),
                options.port(),
                options.apiKeys(),
                options.apiKeyFile(),
                options.adminKey(),
                options.insecure(),
                options.tls(),
                options.trustChatTemplates(),
                options.keepAliveComment(),
                options.tlsPoll(),
                limits);
    }

    static HttpOptions withComments(HttpOptions options, Duration silence) {
        return new HttpOptions(
                options.host(),
                options.port(),
                options.apiKeys(),
                options.apiKeyFile(),
                options.adminKey(),
                options.insecure(),
                options.tls(),
                options.trustChatTemplates(),
                silence,
                options.tlsPoll(),
                options.limits());
    }

    int port() {
        return server.port();
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(request(path, headers).GET().build());
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send(
                request(path, headers)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                        .build());
    }

    HttpRequest.Builder request(String path, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(server.url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Override
    public void close() {
        client.close();
        server.stop(Duration.ZERO);
    }
}
