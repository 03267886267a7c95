package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpOptionsTest {

    @Test
    void loopbackNeedsNoKey() {
        assertThat(HttpOptions.loopback(0).problem()).isEmpty();
        assertThat(options("::1", List.of(), false).problem()).isEmpty();
    }

    @Test
    void beyondLoopbackAKeyOrAnOrderIsNeeded() {
        assertThat(options("0.0.0.0", List.of(), false).problem().orElseThrow())
                .contains("--api-key", "--insecure");
        assertThat(options("0.0.0.0", List.of("k"), false).problem()).isEmpty();
        assertThat(
                        options("0.0.0.0", List.of(), Optional.of(Path.of("keys.json")), false)
                                .problem())
                .isEmpty();
        assertThat(options("0.0.0.0", List.of(), true).problem()).isEmpty();
    }

    @Test
    void anEmptyKeyIsNoKey() {
        assertThat(options("0.0.0.0", List.of(" "), false).problem().orElseThrow())
                .contains("empty");
    }

    @Test
    void keysAreNotPrinted() {
        assertThat(options("::1", List.of("hush"), false)).asString().doesNotContain("hush");
    }

    @Test
    void urlsNameTheScheme() {
        assertThat(options("::1", List.of(), false).url(80)).isEqualTo("http://[::1]:80");
    }

    private static HttpOptions options(String host, List<String> keys, boolean insecure) {
        return options(host, keys, Optional.empty(), insecure);
    }

    private static HttpOptions options(
            String host, List<String> keys, Optional<Path> file, boolean insecure) {
        HttpOptions loopback = HttpOptions.loopback(0);
        return new HttpOptions(
                host,
                0,
                keys,
                file,
                Optional.empty(),
                insecure,
                Optional.empty(),
                false,
                loopback.keepAliveComment(),
                loopback.tlsPoll(),
                loopback.limits());
    }
}
