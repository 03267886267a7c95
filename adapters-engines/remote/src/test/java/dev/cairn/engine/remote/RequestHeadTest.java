package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a head goes on, and which heads do not. */
class RequestHeadTest {

    @Test
    void whatIsMeantForThisConnectionDoesNotGoOn() {
        RequestHead head =
                read(
                        "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: h\r\nConnection: close, X-Mine\r\n"
                                + "X-Mine: 1\r\nX-Session-Id: s\r\nContent-Length: 3\r\nTE: trailers\r\n"
                                + "Content-Type: application/json; charset=utf-8\r\ntraceparent: 00-1\r\n"
                                + "Authorization: Bearer k\r\nX-Request-ID: my-id\r\n\r\n");
        assertThat(head.path()).isEqualTo("/v1/chat/completions");
        assertThat(head.closes()).isTrue();
        assertThat(head.isJson()).isTrue();
        assertThat(head.length()).isEqualTo(3);
        assertThat(head.session()).isEqualTo("s");
        assertThat(head.requestId()).isEqualTo("my-id");
        assertThat(new String(head.forwarded("my-id", false), StandardCharsets.ISO_8859_1))
                .isEqualTo(
                        "POST /v1/chat/completions?x=1 HTTP/1.1\r\nx-request-id: my-id\r\n"
                                + "X-Session-Id: s\r\nContent-Type: application/json; charset=utf-8\r\n"
                                + "traceparent: 00-1\r\n");
        assertThat(new String(head.forwarded("my-id", true), StandardCharsets.ISO_8859_1))
                .contains("Authorization: Bearer k\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nX: a\u0000b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "POST / HTTP/1.0\r\nHost: h\r\n\r\n",
                "POST  / HTTP/1.1\r\nHost: h\r\n\r\n",
                "POST /\r\nHost: h\r\n\r\n",
                "P(ST / HTTP/1.1\r\nHost: h\r\n\r\n"
            })
    void whatOthersMayReadOtherwiseIsRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(RequestHead.Malformed.class);
    }

    private static RequestHead read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(HttpText.headEnd(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        return RequestHead.read(bytes, bytes.length);
    }
}
