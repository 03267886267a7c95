package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.serving.CudaStandIn;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a server whose device cannot be had, or is lost, on the stand-in. */
class DeviceFailuresIT {

    /** Kernels until the device is lost: in the midst of the first long answers. */
    private static final String LAUNCHES = "2000";

    private static final int ANSWER = 150;
    private static final int STREAMS = 4;

    @TempDir private Path folder;

    @Test
    void requestsGoOnElsewhereWhenAWorkerLosesItsDevice() throws Exception {
        try (FleetOfRoles fleet = new FleetOfRoles();
                CairnProcess losing = losing();
                CairnProcess other = serve(Map.of(), "cairn.engine=cpu")) {
            CairnProcess router =
                    fleet.routerOf(
                            List.of(losing, other),
                            "cairn.routing.longest-wait=60s",
                            "cairn.models=%s=%s"
                                    .formatted(
                                            CairnProcess.tinyModel().getFileName(),
                                            CairnProcess.tinyModel()));
            fleet.awaitWorkers(router, 2);
            List<WholeAnswer> answers = new ArrayList<>();
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                while (isReady(fleet, losing)) {
                    List<Future<WholeAnswer>> running = new ArrayList<>();
                    for (int i = 0; i < STREAMS; i++) {
                        MixedAsk ask = ask(i, true);
                        running.add(clients.submit(() -> fleet.stream(router, ask, _ -> {})));
                    }
                    answers.clear();
                    for (Future<WholeAnswer> each : running) {
                        answers.add(each.get());
                    }
                }
            }
            for (int i = 0; i < STREAMS; i++) {
                assertThat(answers.get(i))
                        .as("answer %d", i)
                        .isEqualTo(fleet.ask(other, ask(i, true)));
            }
            Patience.until("the router knows", () -> !fleet.knowsWorkers(router, 2));
            assertThat(fleet.page(router, "/ready").statusCode()).isEqualTo(200);
            double before = fleet.metric(router, "cairn:routing_retries_total");
            assertThat(fleet.send(router, ask(9, false)).statusCode()).isEqualTo(200);
            assertThat(fleet.metric(router, "cairn:routing_retries_total")).isEqualTo(before);
        }
    }

    @Test
    void aloneItEndsRequestsWithAnErrorAndIsUnready() throws Exception {
        try (FleetOfRoles fleet = new FleetOfRoles();
                CairnProcess losing = losing()) {
            assertThat(isReady(fleet, losing)).isTrue();
            WholeAnswer cut = fleet.stream(losing, ask(0, true), _ -> {});
            for (int i = 1; cut.problem().isEmpty(); i++) {
                cut = fleet.stream(losing, ask(i, true), _ -> {});
            }
            assertThat(cut.problem()).contains("the CUDA device was lost");
            for (boolean streams : new boolean[] {true, false}) {
                HttpResponse<String> answer = fleet.send(losing, ask(0, streams));
                assertThat(answer.statusCode()).isBetween(500, 503);
                assertThat(message(answer)).contains("the CUDA device was lost");
            }
            HttpResponse<String> ready = fleet.page(losing, "/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(message(ready))
                    .contains("the CUDA device was lost, restart this process")
                    .contains("CUDA_ERROR_LAUNCH_FAILED");
            assertThat(fleet.page(losing, "/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatIsMissingAtTheStartIsSaidInOneLine() throws Exception {
        refused(
                Map.of("STANDIN_DRIVER", "11080"),
                "the NVIDIA driver serves CUDA 11.8, this engine needs 12.0 or later; install a"
                        + " newer driver");
        refused(Map.of("STANDIN_MAJOR", "42"), "sm_420, which NVRTC 13.0 does not know");
        refused(
                Map.of("STANDIN_MEMORY", Long.toString(144 << 20)),
                "are missing. What would fit: a KV cache of at most ",
                "cairn.cache.device.size=100MiB");
        // some library that has none of the driver's functions
        Path wrong = Files.createDirectory(folder.resolve("wrong"));
        Path some = Path.of(System.getProperty("java.home"), "lib", "libjli.so");
        Files.copy(some, wrong.resolve("libcuda.so.1"));
        refused(Map.of(), "libcuda.so.1 has no function cuInit", libraries(wrong));
        Assumptions.assumeFalse(
                Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/libcuda.so.1")),
                "this machine has a driver of its own");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        refused(
                Map.of(),
                "libcuda.so.1 not found: sought in " + empty + ", the system's library path",
                libraries(empty));
    }

    private static String libraries(Path folder) {
        return "cairn.engine.cuda.libraries=" + folder;
    }

    /** Demands that a server does not start, and says why in one line. */
    private void refused(Map<String, String> environment, String why, String... settings)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of("serve", "--port", "0"));
        arguments.addAll(arguments(cuda(settings)));
        CairnProcess.Ended ended =
                CairnProcess.runWith(
                        CairnProcess.assembled(), environment, arguments.toArray(String[]::new));
        assertThat(ended.status()).as(ended.err()).isNotZero();
        assertThat(ended.err().lines().filter(line -> line.startsWith("cairn: ")))
                .singleElement()
                .asString()
                .contains(why);
        assertThat(ended.err()).doesNotContain("Exception");
    }

    private static CairnProcess losing() throws Exception {
        return serve(
                Map.of("STANDIN_LOSE_DEVICE", LAUNCHES), cuda("cairn.engine.cuda.graphs=false"));
    }

    private static CairnProcess serve(Map<String, String> environment, String... settings)
            throws IOException {
        List<String> arguments = arguments(settings);
        arguments.addAll(List.of("--role", "decode"));
        return CairnProcess.serveWith(
                CairnProcess.assembled(), environment, arguments.toArray(String[]::new));
    }

    private static String[] cuda(String... more) throws IOException, InterruptedException {
        List<String> settings = new ArrayList<>(List.of("cairn.engine=cuda"));
        CudaStandIn.settings().forEach((key, value) -> settings.add(key + "=" + value));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    /** A small model in float32, so that engines agree on every token; the last setting counts. */
    private static List<String> arguments(String... settings) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--model", CairnProcess.tinyModel().toString(),
                                "--dtype", "float32",
                                "--kv-cache-dtype", "float32",
                                "--set", "cairn.max-model-len=256",
                                "--set", "cairn.cache.device.size=4MiB",
                                "--set", "cairn.cache.tiers="));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments;
    }

    private static boolean isReady(FleetOfRoles fleet, CairnProcess worker) {
        return fleet.page(worker, "/ready").statusCode() == 200;
    }

    private static MixedAsk ask(int number, boolean streams) {
        String body =
                "{\"prompt\": [%d, 21, 22, 23], \"max_tokens\": %d, \"temperature\": 0, \"ignore_eos\": true, \"stream\": %s}"
                        .formatted(30 + number, ANSWER, streams);
        return new MixedAsk("/v1/completions", (JsonObject) JsonReader.read(body), streams, false);
    }

    private static String message(HttpResponse<String> answer) {
        JsonObject body = (JsonObject) JsonReader.read(answer.body());
        JsonObject error = (JsonObject) body.member("error");
        return ((JsonString) error.member("message")).value();
    }
}
