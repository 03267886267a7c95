package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.tck.BlockTransportContract;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over TLS, and who is not let in. */
final class TlsTransportIT extends BlockTransportContract {

    @TempDir private static Path folder;

    private static KvOptions.TlsFiles files;
    private static KvOptions.TlsFiles strangers;

    @BeforeAll
    static void makeCertificates() throws Exception {
        files = TestIdentity.make(folder, "member");
        strangers = TestIdentity.make(folder, "stranger");
    }

    @Override
    protected BlockTransport open() {
        return TestTransports.open(options(Optional.of(files), 0));
    }

    @Override
    protected String nobody() {
        return "127.0.0.1:1";
    }

    @Test
    void theWayIsTlsAndOnOneMachineSharedMemoryBesideIt() {
        assertThat(pathWith(0)).isEqualTo("tls");
        assertThat(pathWith(1 << 18)).isEqualTo("shared-memory");
    }

    private static String pathWith(int ringBytes) {
        KvOptions options = options(Optional.of(files), ringBytes);
        try (LentBlocks blocks = new LentBlocks();
                KvTransport server = TestTransports.open(options);
                KvTransport client = TestTransports.open(options)) {
            blocks.add(KIND, 0);
            server.serve(blocks);
            assertThat(pull(client, server)).isEqualTo(GetOutcome.FOUND);
            return client.peer(server.address()).path();
        }
    }

    @Test
    void noOtherCertificateAndNoPlainConnectionIsLetIn() {
        for (Optional<KvOptions.TlsFiles> other :
                List.of(Optional.of(strangers), Optional.<KvOptions.TlsFiles>empty())) {
            assertRefused(options(Optional.of(files), 0), options(other, 0));
            assertRefused(options(other, 0), options(Optional.of(files), 0));
        }
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() {
        Path missing = folder.resolve("missing.crt");
        var broken = new KvOptions.TlsFiles(missing, files.privateKey(), Optional.empty());
        assertThatThrownBy(() -> TestTransports.open(options(Optional.of(broken), 0)))
                .hasMessageContaining("missing.crt");
    }

    private static void assertRefused(KvOptions serving, KvOptions pulling) {
        try (LentBlocks blocks = new LentBlocks();
                KvTransport server = TestTransports.open(serving);
                KvTransport client = TestTransports.open(pulling)) {
            blocks.add(KIND, 0);
            server.serve(blocks);
            assertThat(pull(client, server)).isIn(GetOutcome.REFUSED, GetOutcome.FAILED);
        }
    }

    private static GetOutcome pull(KvTransport client, KvTransport server) {
        BlockRead read = LentBlocks.read(KIND, 0);
        try {
            return new Outcomes().pullAll(client, server.address(), List.of(read)).getFirst();
        } finally {
            read.target().close();
        }
    }

    private static KvOptions options(Optional<KvOptions.TlsFiles> tls, int ringBytes) {
        KvOptions plain = TestTransports.options(false);
        return new KvOptions(
                plain.host(),
                0,
                Optional.empty(),
                false,
                Optional.empty(),
                tls,
                ringBytes,
                plain.limits(),
                plain.times());
    }
}
