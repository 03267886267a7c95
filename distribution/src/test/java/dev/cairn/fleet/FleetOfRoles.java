package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Processes of a fleet on this machine: workers, routers, and whoever asks them. */
final class FleetOfRoles implements AutoCloseable {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<CairnProcess> all = new CopyOnWriteArrayList<>();
    private final int meetingPoint;

    FleetOfRoles() throws IOException {
        this.meetingPoint = freePort();
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    /** A member of the fleet; the first one is where the others meet. */
    CairnProcess member(String role, String... settings) throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(
                List.of(
                        "--role",
                        role,
                        "--cluster-port",
                        Integer.toString(all.isEmpty() ? meetingPoint : freePort()),
                        "--join",
                        "127.0.0.1:" + meetingPoint));
        return start(arguments, settings);
    }

    /** A process that joins nobody. */
    CairnProcess alone(String role, String... settings) throws IOException {
        return start(new ArrayList<>(List.of("--role", role)), settings);
    }

    /** A router that has its workers from a list. */
    CairnProcess routerOf(List<CairnProcess> workers, String... settings) throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add(
                "cairn.workers="
                        + String.join(
                                ",",
                                workers.stream().map(each -> each.url().getAuthority()).toList()));
        return start(List.of("--role", "router"), all.toArray(String[]::new));
    }

    /** Whether a router knows so many workers that are ready, whatever their role. */
    boolean knowsWorkers(CairnProcess router, int workers) {
        String state = "\"state\":\"ready\"";
        String page = page(router, "/v1/cairn/workers").body().replace(" ", "");
        return page.split(state, -1).length > workers;
    }

    private CairnProcess start(List<String> arguments, String... settings) throws IOException {
        return start(0, arguments, settings);
    }

    /** A process of any kind on a given port. */
    CairnProcess start(int port, List<String> given, String... settings) throws IOException {
        List<String> arguments = new ArrayList<>(given);
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        CairnProcess process =
                CairnProcess.serveAt(
                        CairnProcess.assembled(), port, arguments.toArray(String[]::new));
        all.add(process);
        return process;
    }

    /** Returns once the router would serve with so many workers. */
    void awaitWorkers(CairnProcess router, int workers) {
        Patience.until(
                workers + " workers are ready",
                () -> metric(router, "cairn:routing_workers") >= workers);
    }

    HttpResponse<String> send(CairnProcess to, MixedAsk ask) {
        try {
            return client.send(request(to, ask), BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    WholeAnswer ask(CairnProcess to, MixedAsk ask) {
        HttpResponse<String> response = send(to, ask);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return ask.streams()
                ? WholeAnswer.streamed(response.body())
                : WholeAnswer.whole(response.body());
    }

    /**
     * Reads a stream line by line.
     *
     * @param heard runs after each chunk, with the number of chunks
     */
    WholeAnswer stream(CairnProcess to, MixedAsk ask, java.util.function.IntConsumer heard) {
        try {
            String id = "stream-" + UUID.randomUUID();
            HttpResponse<Stream<String>> response =
                    client.send(request(to, ask, id), BodyHandlers.ofLines());
            assertThat(response.statusCode()).isEqualTo(200);
            StringBuilder body = new StringBuilder();
            int chunks = 0;
            try (Stream<String> lines = response.body()) {
                for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                    String line = each.next();
                    body.append(line).append('\n');
                    if (line.startsWith("data: {")) {
                        heard.accept(++chunks);
                    }
                }
            }
            WholeAnswer answer = WholeAnswer.streamed(body.toString());
            if (!answer.problem().isEmpty()) {
                System.out.println(
                        answer.problem() + ": " + page(to, "/v1/cairn/explain/" + id).body());
            }
            return answer;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    static HttpRequest request(CairnProcess to, MixedAsk ask) {
        return request(to, ask, "ask-" + UUID.randomUUID());
    }

    /**
     * @param id under which it can be explained
     */
    static HttpRequest request(CairnProcess to, MixedAsk ask, String id) {
        return HttpRequest.newBuilder(to.url().resolve(ask.path()))
                .header("Content-Type", "application/json")
                .header("x-request-id", id)
                .POST(BodyPublishers.ofString(JsonWriter.write(ask.body())))
                .build();
    }

    /** Sum of all series that begin so; 0 if there is none. */
    double metric(CairnProcess of, String series) {
        return page(of, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What an administrator says to a process, and what it answers. */
    HttpResponse<String> command(CairnProcess to, String path, String body) {
        try {
            return client.send(
                    HttpRequest.newBuilder(to.url().resolve(path))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    HttpResponse<String> page(CairnProcess of, String path) {
        URI url = of.url().resolve(path);
        try {
            return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    @Override
    public void close() {
        all.reversed().forEach(CairnProcess::close);
    }
}
