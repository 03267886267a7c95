package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.system.Settings.SettingException;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who does not belong to the fleet is not let in, and does it no harm. */
class StrangersIT {

    @Test
    void whoHasAnotherKeyIsNeitherSeenNorBelieved() throws IOException {
        int port = Pair.freePort();
        try (TestMember one = member(port, port, "ours");
                TestMember two = member(Pair.freePort(), port, "ours");
                TestMember stranger = member(Pair.freePort(), port, "theirs")) {
            stranger.describe(false, "trap").announce(Blocks.range(0, 100), "host");
            two.describe(false, "model").announce(Blocks.range(50, 200), "host");
            one.describe(false, "model");
            Patience.until(
                    "friends know",
                    () -> one.holders(Blocks.key(199)).equals(two.says(Blocks.key(199))));
            Patience.until("friends see", () -> one.membership().members().size() == 2);
            assertThat(one.holders(Blocks.key(7))).isEmpty();
            assertThat(stranger.membership().members()).hasSize(1);
            assertThat(stranger.holders(Blocks.key(199))).isEmpty();
        }
    }

    @Test
    void anotherNameIsAnotherFleet() throws IOException {
        int port = Pair.freePort();
        int otherPort = Pair.freePort();
        try (TestMember one = member(port, port, "ours");
                TestMember two =
                        TestMember.open(
                                Map.of(
                                        "port",
                                        Integer.toString(otherPort),
                                        "join",
                                        "127.0.0.1:" + port,
                                        "key",
                                        "ours",
                                        "name",
                                        "another"))) {
            one.describe(false, "model");
            two.describe(false, "model").announce(Blocks.range(0, 10), "host");
            assertThat(one.membership().members()).hasSize(1);
            assertThat(two.membership().members()).hasSize(1);
            assertThat(one.holders(Blocks.key(1))).isEmpty();
        }
    }

    /** Neither random bytes nor the greetings of clients, REST and old protocols. */
    @Test
    void noiseAtThePortHarmsNobody() throws IOException {
        int port = Pair.freePort();
        Random random = new Random(11);
        try (TestMember one = member(port, port, "ours");
                TestMember two = member(Pair.freePort(), port, "ours")) {
            for (String greeting :
                    new String[] {
                        "CP2", "HZC", "GET /hazelcast/rest HTTP/1.1\r\n\r\n", "MEM", ""
                    }) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    OutputStream out = socket.getOutputStream();
                    byte[] noise = new byte[2000];
                    random.nextBytes(noise);
                    out.write(greeting.getBytes(StandardCharsets.US_ASCII));
                    out.write(noise);
                    out.flush();
                } catch (IOException hungUp) {
                    // As it should.
                }
            }
            one.describe(false, "model");
            two.describe(false, "model").announce(Blocks.range(0, 10), "host");
            Patience.until("they go on", () -> !one.holders(Blocks.key(9)).isEmpty());
        }
    }

    @Test
    void aPortInUseIsSaidToBe() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> member(port, port, "ours"))
                    .isInstanceOf(SettingException.class)
                    .hasMessageStartingWith("cairn.cluster.port: cannot listen on 127.0.0.1 port")
                    .hasMessageContaining(Integer.toString(port));
        }
    }

    private static TestMember member(int port, int join, String key) {
        return TestMember.open(
                Map.of("port", Integer.toString(port), "join", "127.0.0.1:" + join, "key", key));
    }
}
