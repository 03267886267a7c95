import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records the AOT cache of an assembled Cairn (JEP 483, 514, 515): runs {@code serve} on the bundled model as a user would, waits
 * until it is ready, asks for one completion, and ends it with SIGTERM, whereupon the JVM writes {@code lib/cairn.aot}.
 *
 * <p>Run from its source by {@code assemble.sh} and {@code archive.sh}: {@code java RecordAotCache.java HOME JAVA_HOME}.
 */
final class RecordAotCache {

    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private RecordAotCache() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Path java = Path.of(arguments[1], "bin", "java");
        Path cache = home.resolve("lib/cairn.aot");
        Path log = home.resolve("lib/cairn.aot.log");
        Files.deleteIfExists(cache);
        Process server = start(home, java, cache);
        String failure;
        try (var output = Files.newBufferedWriter(log)) {
            failure = train(server, output);
        }
        // Process.destroy sends SIGTERM; the cache is written on the way out, which takes some seconds.
        server.destroy();
        if (!server.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            server.destroyForcibly();
            failure = "the server did not end within " + LIMIT.toSeconds() + " s of SIGTERM";
        }
        if (failure == null && !Files.exists(cache)) {
            failure = "the JVM wrote no cache";
        }
        if (failure != null) {
            System.err.println("cairn: AOT cache: " + failure + "; the server's output is in " + log);
            System.exit(1);
        }
        Files.delete(log);
    }

    private static Process start(Path home, Path java, Path cache) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("@" + home.resolve("lib/jvm.options"));
        command.add("-XX:AOTCacheOutput=" + cache);
        command.add("-Xlog:aot*=off,cds*=off");
        command.addAll(List.of("-cp", home.resolve("lib") + "/*", "-Dcairn.home=" + home));
        command.add("dev.cairn.distribution.CairnLauncher");
        command.addAll(List.of("serve", "--host", "127.0.0.1", "--port", "0"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CAIRN_"));
        return builder.start();
    }

    /** Returns what went wrong, or null. */
    private static String train(Process server, java.io.Writer log) throws Exception {
        CompletableFuture<URI> address = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> read(server.inputReader(), log, address));
        URI base;
        try {
            base = address.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            return "serve printed no address";
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (status(client, HttpRequest.newBuilder(base.resolve("/ready"))) != 200) {
                if (System.nanoTime() > end || !server.isAlive()) {
                    return "GET /ready did not answer 200";
                }
                Thread.sleep(20);
            }
            int models = status(client, HttpRequest.newBuilder(base.resolve("/v1/models")));
            int plain = chat(client, base, false);
            int streamed = chat(client, base, true);
            return models == 200 && plain == 200 && streamed == 200
                    ? null
                    : "/v1/models answered %d, chat %d, streamed chat %d".formatted(models, plain, streamed);
        }
    }

    private static int chat(HttpClient client, URI base, boolean stream) throws Exception {
        String body =
                """
                {"model": "cairn-pebble", "max_tokens": 16, "stream": %s, "logprobs": true,
                 "messages": [{"role": "user", "content": "Say hello."}]}
                """
                        .formatted(stream);
        return status(
                client,
                HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static int status(HttpClient client, HttpRequest.Builder request) throws InterruptedException {
        try {
            return client.send(request.timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        } catch (IOException e) {
            return -1;
        }
    }

    private static void read(BufferedReader output, java.io.Writer log, CompletableFuture<URI> address) {
        try (output) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.write(line + "\n");
                log.flush();
                Matcher matcher = ADDRESS.matcher(line);
                if (matcher.find()) {
                    address.complete(URI.create(matcher.group()));
                }
            }
            address.completeExceptionally(new IOException("the server ended"));
        } catch (IOException e) {
            address.completeExceptionally(e);
        }
    }
}
