package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.system.Settings;
import dev.cairn.transport.pem.PemIdentity;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS from PEM files, which may change while the server runs. */
class TlsIT {

    private static final String STREAM =
            "{'messages':[{'role':'user','content':'hi'}],'stream':true}";

    @TempDir private static Path made;
    private static TestCertificate rsa;
    private static TestCertificate elliptic;

    @TempDir private Path folder;
    private HttpOptions.TlsFiles files;

    @BeforeAll
    static void makeCertificates() throws Exception {
        rsa = TestCertificate.make(made, "rsa", "RSA");
        elliptic = TestCertificate.make(made, "elliptic", "EC");
    }

    @BeforeEach
    void writeFirst() throws Exception {
        files = new HttpOptions.TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        elliptic.write(files);
    }

    @Test
    void anUnchangedClientIsServedOverTls() throws Exception {
        try (var running = RunningServer.start(this::withTls);
                var client = HttpClient.newBuilder().sslContext(elliptic.trust()).build()) {
            running.service.answersWith(ScriptedService.saying("h", "é"));
            assertThat(running.server.url()).startsWith("https://127.0.0.1:");
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> response =
                        client.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        running.server.url()
                                                                + "/v1/chat/completions"))
                                        .header("Content-Type", "application/json")
                                        .POST(
                                                HttpRequest.BodyPublishers.ofString(
                                                        STREAM.replace('\'', '"')))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).contains("\"content\":\"é\"").endsWith("[DONE]\n\n");
            }
        }
    }

    @Test
    void aClientThatLeavesAbortsItsRequestUnderTlsToo() throws Exception {
        try (var running = RunningServer.start(this::withTls)) {
            var client = new RawClient(elliptic.connect(running.port()));
            client.post("/v1/chat/completions", STREAM);
            var served = running.service.next();
            served.started(1);
            client.readUntil("\"role\":\"assistant\"");
            client.close();
            assertThat(served.isCancelled()).isTrue();
        }
    }

    @Test
    void readingAheadAndWritingDoNotDisturbEachOther() throws Exception {
        try (var running = RunningServer.start(this::withTls);
                var client = new RawClient(elliptic.connect(running.port()))) {
            client.post("/v1/chat/completions", STREAM);
            var served = running.service.next();
            served.started(1);
            for (int i = 0; i < 2_000; i++) {
                served.says(0, "0123456789");
            }
            // The next request arrives while the first is still answered.
            client.send("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
            served.ends(0, FinishReason.STOP, new StopCause.EndOfSequence());
            served.ended(1, 2_000);
            client.readUntil("data: [DONE]\n\n");
            client.readUntil("{\"version\":\"1.2.3\"}");
        }
    }

    @Test
    void theSocketIsClosedWithTheSessionOnIt() throws Exception {
        try (var running = RunningServer.start(this::withTls);
                var socket = new Socket(InetAddress.getLoopbackAddress(), running.port())) {
            socket.setSoTimeout(30_000);
            var session =
                    (SSLSocket)
                            elliptic.trust()
                                    .getSocketFactory()
                                    .createSocket(socket, "127.0.0.1", running.port(), false);
            var client = new RawClient(session);
            client.send("NONSENSE\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 400");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void changedFilesAreUsedForNewConnections() throws Exception {
        try (var running = RunningServer.start(this::withTls)) {
            try (var old = new RawClient(elliptic.connect(running.port()))) {
                assertThat(version(old)).contains("1.2.3");
                rsa.write(files);
                while (!isServedWith(rsa, running.port())) {
                    Thread.onSpinWait();
                }
                assertThat(version(old)).contains("1.2.3");
            }
            assertThat(isServedWith(elliptic, running.port())).isFalse();
        }
    }

    @Test
    void filesThatCannotBeUsedLeaveTheOldCertificate() throws Exception {
        var identity = new ReloadingIdentity(files);
        assertThat(identity.reloadIfChanged()).isFalse();
        Files.writeString(files.certificates(), "half a file");
        assertThat(identity.reloadIfChanged()).isFalse();
        assertThat(identity.getCertificateChain("server")).containsExactly(elliptic.certificate());
        rsa.write(files);
        assertThat(identity.reloadIfChanged()).isTrue();
        assertThat(identity.getCertificateChain("server")).containsExactly(rsa.certificate());
    }

    @Test
    void rsaKeysAreReadInTheirOldFormToo() throws Exception {
        rsa.write(files);
        rsa.writeKeyAsPkcs1(files.privateKey());
        assertThat(PemIdentity.read(files.certificates(), files.privateKey()).key())
                .isEqualTo(rsa.key());
    }

    @Test
    void whatIsWrongWithAFileIsSaid() throws Exception {
        rsa.writeKey(files.privateKey());
        assertThatThrownBy(() -> PemIdentity.read(files.certificates(), files.privateKey()))
                .hasMessageContaining("tls.key")
                .hasMessageContaining("is not the key of the certificate");
        Files.writeString(files.privateKey(), TestCertificate.pem("EC PRIVATE KEY", new byte[9]));
        assertThatThrownBy(() -> PemIdentity.read(files.certificates(), files.privateKey()))
                .hasMessageContaining("openssl pkcs8");
        Files.writeString(files.privateKey(), "nothing");
        assertThatThrownBy(() -> PemIdentity.read(files.certificates(), files.privateKey()))
                .hasMessageContaining("no PRIVATE KEY block");
        Files.delete(files.privateKey());
        assertThatThrownBy(() -> PemIdentity.read(files.certificates(), files.privateKey()))
                .hasMessageContaining("cannot be read");
        Files.writeString(files.certificates(), "nothing");
        assertThatThrownBy(() -> PemIdentity.read(files.certificates(), files.privateKey()))
                .hasMessageContaining("tls.crt");
    }

    @Test
    void aServerWithoutAUsableCertificateDoesNotStart() throws Exception {
        Files.writeString(files.certificates(), "nothing");
        assertThatThrownBy(() -> RunningServer.start(this::withTls))
                .isInstanceOf(Settings.SettingException.class)
                .hasMessageContaining(HttpSettings.TLS_CERTIFICATE)
                .hasMessageContaining("tls.crt");
    }

    private HttpOptions withTls(HttpOptions options) {
        return new HttpOptions(
                options.host(),
                options.port(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                options.insecure(),
                Optional.of(files),
                options.trustChatTemplates(),
                options.keepAliveComment(),
                Duration.ofMillis(5),
                options.limits());
    }

    private static String version(RawClient client) throws Exception {
        return client.send("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .readUntil("{\"version\":\"1.2.3\"}");
    }

    private static boolean isServedWith(TestCertificate certificate, int port) throws Exception {
        try (var client = new RawClient(certificate.connect(port))) {
            return version(client).contains("1.2.3");
        } catch (SSLHandshakeException other) {
            return false;
        }
    }
}
