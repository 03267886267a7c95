package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess.Ended;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Processes become a fleet by two flags, with the plugin that lies in the assembled folder. */
class ClusterIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final String MODEL = CairnProcess.tinyModel().toString();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void membersFindEachOtherAndNoticeWhoLeavesAndWhoIsKilled() throws Exception {
        int meetingPoint = freePort();
        try (CairnProcess first = member(meetingPoint, meetingPoint)) {
            try (CairnProcess second = member(freePort(), meetingPoint);
                    CairnProcess third = member(freePort(), meetingPoint)) {
                Patience.until("all see all", () -> sees(first, 3) && sees(second, 3));

                Ended ended = third.terminate();

                assertThat(ended.status()).isZero();
                assertThat(ended.out()).endsWith("cairn: stopped");
                Patience.until("it has left", () -> sees(first, 2) && sees(second, 2));
            }
            Patience.until("the other was killed", () -> sees(first, 1));
        }
    }

    @Test
    void aPortInUseIsToldInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            Ended ended =
                    CairnProcess.run(
                            HOME, "serve", "--port", "0", "--model", MODEL, "--cluster-port", port);

            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.err())
                    .isEqualTo(
                            "cairn: cairn.cluster.port: cannot listen on 127.0.0.1 port %s: Address already in use; take another by --cluster-port"
                                    .formatted(port));
        }
    }

    private static CairnProcess member(int port, int join) throws IOException {
        return CairnProcess.serve(
                HOME,
                "--model",
                MODEL,
                "--cluster-port",
                Integer.toString(port),
                "--join",
                "127.0.0.1:" + join);
    }

    private boolean sees(CairnProcess member, int members) {
        HttpRequest request = HttpRequest.newBuilder(member.url().resolve("/metrics")).build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("\ncairn:cluster_members %d.0\n".formatted(members));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
