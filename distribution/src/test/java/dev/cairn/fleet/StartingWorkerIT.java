package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.tck.LocalHub;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that waits for its weights is known to routers, gets nothing, and is waited for. */
class StartingWorkerIT {

    private static final List<String> FILES =
            List.of(
                    "config.json",
                    "generation_config.json",
                    "model.safetensors",
                    "tokenizer.json",
                    "tokenizer_config.json");
    private static final MixedAsk ASK =
            new MixedAsk(
                    "/v1/completions",
                    JsonObject.builder().put("prompt", "a").put("max_tokens", 4L).build(),
                    false,
                    false);

    @TempDir private Path cache;

    @Test
    void requestsWaitForIt() throws Exception {
        try (LocalHub hub = hub();
                FleetOfRoles fleet = new FleetOfRoles()) {
            hub.hold();
            int port = FleetOfRoles.freePort();
            try (CairnProcess worker =
                    CairnProcess.begin(
                            CairnProcess.assembled(),
                            "serve",
                            "--role",
                            "decode",
                            "--port",
                            Integer.toString(port),
                            "--model",
                            "org/tiny",
                            "--set",
                            "cairn.hub.endpoint=" + hub.endpoint(),
                            "--set",
                            "cairn.hub.cache=" + cache)) {
                CairnProcess router =
                        fleet.alone(
                                "router",
                                "cairn.models=org/tiny=" + CairnProcess.tinyModel(),
                                "cairn.workers=127.0.0.1:" + port);
                Patience.until(
                        "the worker starts",
                        () -> workers(fleet, router).contains("\"state\":\"starting\""));
                assertThat(fleet.page(router, "/ready").body()).contains("1 load their models");

                CompletableFuture<HttpResponse<String>> answer =
                        CompletableFuture.supplyAsync(() -> fleet.send(router, ASK));
                Patience.until(
                        "the request waits",
                        () -> fleet.metric(router, "cairn:routing_waiting") == 1);
                hub.release();

                assertThat(answer.get().statusCode()).isEqualTo(200);
                assertThat(workers(fleet, router)).contains("\"state\":\"ready\"");
                assertThat(fleet.metric(router, "cairn:routing_retries_total")).isZero();
            }
        }
    }

    private static String workers(FleetOfRoles fleet, CairnProcess router) {
        return fleet.page(router, "/v1/cairn/workers").body();
    }

    private static LocalHub hub() throws IOException {
        LocalHub hub = new LocalHub();
        for (String name : FILES) {
            hub.with(name, Files.readAllBytes(CairnProcess.tinyModel().resolve(name)));
        }
        return hub;
    }
}
