package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.system.Settings.SettingException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetOptionsTest {

    private static FleetOptions read(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("port", "5701", "directory-size", "4096"));
        all.putAll(settings);
        return FleetOptions.read(new MapSettings("cairn.cluster.", all));
    }

    @Test
    void listensOnLoopbackUnlessToldOtherwise() {
        assertThat(read(Map.of()).host()).isEqualTo("127.0.0.1");
        assertThat(read(Map.of()).loopback()).isTrue();
        assertThat(read(Map.of("host", "0.0.0.0", "public-address", "127.0.0.1:1")).loopback())
                .isFalse();
    }

    @Test
    void othersReachItWhereItListensUnlessToldOtherwise() {
        assertThat(read(Map.of()).reachedAddress().getPort()).isEqualTo(5701);
        assertThat(read(Map.of("public-address", "127.0.0.9:80")).reachedAddress())
                .hasToString("/127.0.0.9:80");
    }

    @Test
    void aWrongValueIsNamed() {
        assertWrong(Map.of("port", "0"), "cairn.cluster.port: must be from 1 to 65535, got 0");
        assertWrong(
                Map.of("join", "one:5701,two"),
                "cairn.cluster.join: \"two\" is no address; write HOST:PORT");
        assertWrong(
                Map.of("public-address", "here:99999"),
                "cairn.cluster.public-address: \"here:99999\" is no address; write HOST:PORT");
        assertWrong(
                Map.of("host", "0.0.0.0"),
                "cairn.cluster.host: others cannot reach 0.0.0.0; set"
                        + " cairn.cluster.public-address to HOST:PORT where they can");
        assertWrong(
                Map.of("heartbeat", "100"),
                "cairn.cluster.heartbeat: must be from 2s to 5m, got 100 ms");
        assertWrong(
                Map.of("directory-size", "10"),
                "cairn.cluster.directory-size: must be from 1024 to 16777216, got 10");
    }

    private static void assertWrong(Map<String, String> settings, String message) {
        assertThatThrownBy(() -> read(settings))
                .isInstanceOf(SettingException.class)
                .hasMessage(message);
    }
}
