import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records the AOT cache of an assembled Cairn (JEP 483, 514, 515): runs {@code serve} on the bundled model as a user would, waits
 * until it is ready, asks for completions, ends it with SIGTERM, and has a second JVM make {@code lib/cairn.aot} of what was seen.
 *
 * <p>In two steps, because the one-step way hands the class path to its second JVM by an environment variable that is split at
 * spaces.
 *
 * <p>Run from its source by {@code assemble.sh} and {@code archive.sh}: {@code java RecordAotCache.java HOME JAVA_HOME}.
 */
final class RecordAotCache {

    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern MODEL_ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private RecordAotCache() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Path java = Path.of(arguments[1], "bin", "java");
        Path log = home.resolve("lib/cairn.aot.log");
        Path profile = home.resolve("lib/cairn.aot.profile");
        Path cache = home.resolve("lib/cairn.aot");
        for (Path old : List.of(log, profile, cache)) {
            Files.deleteIfExists(old);
        }
        String failure = record(home, java, profile, log);
        if (failure == null) {
            failure = create(home, java, profile, cache, log);
        }
        Files.deleteIfExists(profile);
        if (failure != null) {
            System.err.println("cairn: AOT cache: " + failure + "; the output is in " + log);
            System.exit(1);
        }
        Files.delete(log);
    }

    /** Runs the server and writes down what it loaded and called. Returns what went wrong, or null. */
    private static String record(Path home, Path java, Path profile, Path log) throws Exception {
        List<String> options = List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + profile);
        List<String> serve = List.of("serve", "--host", "127.0.0.1", "--port", "0");
        Process server = command(home, java, options, serve).start();
        String failure;
        try (Writer output = Files.newBufferedWriter(log)) {
            failure = train(server, output);
            // Process.destroy sends SIGTERM; the profile is written on the way out.
            server.destroy();
            if (!server.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                server.destroyForcibly();
                return "the server did not end within " + LIMIT.toSeconds() + " s of SIGTERM";
            }
        }
        return failure == null && !Files.exists(profile) ? "the JVM wrote no profile" : failure;
    }

    /** Makes the cache of the profile, in a JVM that loads the classes and runs none of the program. */
    private static String create(Path home, Path java, Path profile, Path cache, Path log) throws Exception {
        List<String> options =
                List.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + profile, "-XX:AOTCache=" + cache);
        int status =
                command(home, java, options, List.of())
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start()
                        .waitFor();
        return status == 0 && Files.exists(cache) ? null : "the JVM that makes it ended with " + status;
    }

    /** The same JVM flags and class path as in {@code cairn}, or the cache would be passed over there. */
    private static ProcessBuilder command(Path home, Path java, List<String> options, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("@" + home.resolve("lib/jvm.options"));
        command.addAll(options);
        command.add("-Dcairn.home=" + home);
        command.add("-cp");
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(home.resolve("lib"), "cairn-distribution-*.jar")) {
            command.add(jars.iterator().next().toString());
        }
        command.add("dev.cairn.distribution.CairnLauncher");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CAIRN_"));
        return builder;
    }

    /** Returns what went wrong, or null. */
    private static String train(Process server, Writer log) throws Exception {
        CompletableFuture<URI> address = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> read(server.inputReader(), log, address));
        URI base;
        try {
            base = address.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
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
            String model = firstModel(client, base);
            int plain = chat(client, base, model, false);
            int streamed = chat(client, base, model, true);
            return plain == 200 && streamed == 200
                    ? null
                    : "chat with %s answered %d, streamed %d".formatted(model, plain, streamed);
        }
    }

    private static String firstModel(HttpClient client, URI base) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/models")).timeout(LIMIT).build();
        String answer = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher matcher = MODEL_ID.matcher(answer);
        return matcher.find() ? matcher.group(1) : "none in " + answer;
    }

    private static int chat(HttpClient client, URI base, String model, boolean stream) throws Exception {
        String body =
                """
                {"model": "%s", "max_tokens": 16, "stream": %s, "logprobs": true,
                 "messages": [{"role": "user", "content": "Say hello."}]}
                """
                        .formatted(model, stream);
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

    private static void read(BufferedReader output, Writer log, CompletableFuture<URI> address) {
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
