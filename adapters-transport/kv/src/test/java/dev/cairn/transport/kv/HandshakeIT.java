package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who talks to whom, and in which version. */
final class HandshakeIT {

    private final LentBlocks blocks = new LentBlocks();

    @BeforeEach
    void holdABlock() {
        blocks.add(KIND, 1);
    }

    @AfterEach
    void allCameBack() {
        assertThat(blocks.lent()).isZero();
        blocks.close();
    }

    @Test
    void membersWithTheSameKeyTalk() throws IOException {
        KvOptions keyed = withKey("one");
        assertThat(pull(keyed, Preamble.OURS, keyed, Preamble.OURS)).isEqualTo(GetOutcome.FOUND);
    }

    @Test
    void noOtherKeyIsLetIn() throws IOException {
        KvOptions none = TestTransports.options(false);
        for (KvOptions other : List.of(withKey("two"), none)) {
            KvOptions keyed = withKey("one");
            assertThat(pull(keyed, Preamble.OURS, other, Preamble.OURS))
                    .isEqualTo(GetOutcome.REFUSED);
            assertThat(pull(other, Preamble.OURS, keyed, Preamble.OURS))
                    .isEqualTo(GetOutcome.REFUSED);
        }
    }

    /** The release before ours knows no shared memory. */
    @Test
    void theVersionBeforeIsUnderstoodBothWays() throws IOException {
        KvOptions options = TestTransports.options(true);
        var before = new Preamble(1, 1);
        assertThat(pull(options, before, options, Preamble.OURS)).isEqualTo(GetOutcome.FOUND);
        assertThat(pull(options, Preamble.OURS, options, before)).isEqualTo(GetOutcome.FOUND);
        var after = new Preamble(Preamble.NEWEST, Preamble.NEWEST + 1);
        assertThat(pull(options, after, options, Preamble.OURS)).isEqualTo(GetOutcome.FOUND);
        assertThat(pull(options, Preamble.OURS, options, after)).isEqualTo(GetOutcome.FOUND);
    }

    @Test
    void aVersionTooFarAwayIsRefused() throws IOException {
        KvOptions options = TestTransports.options(false);
        var future = new Preamble(Preamble.NEWEST + 1, Preamble.NEWEST + 2);
        assertThat(pull(options, future, options, Preamble.OURS)).isEqualTo(GetOutcome.REFUSED);
        assertThat(pull(options, Preamble.OURS, options, future)).isEqualTo(GetOutcome.REFUSED);
    }

    @Test
    void theWayIsChosenForEachPair() throws IOException {
        assertThat(path(true, true)).isEqualTo("shared-memory");
        assertThat(path(true, false)).isEqualTo("tcp");
        assertThat(path(false, true)).isEqualTo("tcp");
    }

    @Test
    void beyondLoopbackProtectionIsDemanded() {
        KvOptions open = onAllAddresses(TestTransports.options(false), false);
        assertThatThrownBy(() -> TestTransports.open(open))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(KvSettings.KEY);
        TestTransports.open(onAllAddresses(withKey("one"), false)).close();
        TestTransports.open(onAllAddresses(TestTransports.options(false), true)).close();
    }

    private String path(boolean sharedByPuller, boolean sharedByServer) throws IOException {
        try (KvTransport server = TestTransports.open(TestTransports.options(sharedByServer));
                KvTransport client = TestTransports.open(TestTransports.options(sharedByPuller))) {
            server.serve(blocks);
            assertThat(pull(client, server)).isEqualTo(GetOutcome.FOUND);
            return client.peer(server.address()).path();
        }
    }

    private GetOutcome pull(
            KvOptions serving, Preamble servers, KvOptions pulling, Preamble pullers)
            throws IOException {
        try (KvTransport server = open(serving, servers);
                KvTransport client = open(pulling, pullers)) {
            server.serve(blocks);
            return pull(client, server);
        }
    }

    private static GetOutcome pull(KvTransport client, KvTransport server) {
        BlockRead read = LentBlocks.read(KIND, 1);
        try {
            GetOutcome outcome =
                    new Outcomes().pullAll(client, server.address(), List.of(read)).getFirst();
            if (outcome == GetOutcome.FOUND) {
                assertThat(LentBlocks.contentOf(read)).isEqualTo(LentBlocks.bytes(KIND, 1));
            }
            return outcome;
        } finally {
            read.target().close();
        }
    }

    private static KvTransport open(KvOptions options, Preamble versions) throws IOException {
        return new KvTransport(
                options, versions, TestTransports.CLOCK, ThreadLocalRandom.current()::nextLong);
    }

    private static KvOptions withKey(String key) {
        KvOptions plain = TestTransports.options(false);
        return new KvOptions(
                plain.host(),
                0,
                Optional.empty(),
                false,
                Optional.of(key),
                Optional.empty(),
                0,
                plain.limits(),
                plain.times());
    }

    private static KvOptions onAllAddresses(KvOptions options, boolean insecure) {
        return new KvOptions(
                "0.0.0.0",
                0,
                Optional.of("127.0.0.1"),
                insecure,
                options.key(),
                Optional.empty(),
                0,
                options.limits(),
                options.times());
    }
}
