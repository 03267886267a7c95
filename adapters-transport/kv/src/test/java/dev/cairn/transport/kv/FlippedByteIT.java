package dev.cairn.transport.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every byte that travels in a short session, in both directions, is flipped once: handshake, each
 * field of each frame, lengths, bodies, payloads, checksums. Not one flip goes unnoticed, and none
 * brings wrong bytes.
 */
@ExtendWith(QuietLog.class)
final class FlippedByteIT {

    /** Slices of 64 bytes, so that a session is short. */
    private static final BlockKind KIND =
            new BlockKind(
                    "flip",
                    new ComputeIdentity("flip/1"),
                    0,
                    new KvLayout(3, 1, 1, 8, KvType.FLOAT32));

    private static final int FLIPS = TestSize.pick(1, 8);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyFlippedByteIsNoticed(boolean toServer) {
        try (LentBlocks blocks = new LentBlocks(List.of(KIND));
                KvTransport server = TestTransports.open(TestTransports.options(false))) {
            blocks.add(KIND, 0);
            blocks.add(KIND, 1);
            server.serve(blocks);
            long bytes = bytesOfEverySession(server, toServer);
            assertThat(bytes).isGreaterThan(300);
            for (long at = 0; at < bytes; at++) {
                for (int bit = 0; bit < FLIPS; bit++) {
                    int mask = 1 << (FLIPS == 1 ? at * 5 % 8 : bit);
                    List<GetOutcome> outcomes = pullWithFlip(server, toServer, at, mask);
                    assertThat(outcomes)
                            .as("byte %d of %d, mask %d", at, bytes, mask)
                            .doesNotContain((GetOutcome) null)
                            .isNotEqualTo(List.of(GetOutcome.FOUND, GetOutcome.FOUND));
                }
            }
        }
    }

    /** A session that took long, as the first one of a JVM may, has a ping too. */
    private static long bytesOfEverySession(KvTransport server, boolean toServer) {
        return LongStream.range(0, 5)
                .map(_ -> bytesOfASession(server, toServer))
                .min()
                .orElseThrow();
    }

    private static long bytesOfASession(KvTransport server, boolean toServer) {
        AtomicLong bytes = new AtomicLong();
        List<GetOutcome> outcomes =
                pull(
                        server,
                        direction ->
                                (buffer, count, position) -> {
                                    if (direction == toServer) {
                                        bytes.addAndGet(count);
                                    }
                                    return count;
                                });
        assertThat(outcomes).containsOnly(GetOutcome.FOUND);
        return bytes.get();
    }

    private static List<GetOutcome> pullWithFlip(
            KvTransport server, boolean toServer, long at, int mask) {
        return pull(
                server,
                direction ->
                        (buffer, count, position) -> {
                            if (direction == toServer && at >= position && at < position + count) {
                                buffer[(int) (at - position)] ^= (byte) mask;
                            }
                            return count;
                        });
    }

    /** A new client through a new wire; what is found must be right. */
    private static List<GetOutcome> pull(KvTransport server, Wiretap.Meddling meddling) {
        List<BlockRead> reads = List.of(LentBlocks.read(KIND, 0), LentBlocks.read(KIND, 1));
        try (var wire = new Wiretap(server.address(), meddling);
                var client = TestTransports.open(TestTransports.options(false))) {
            List<GetOutcome> outcomes = new Outcomes().pullAll(client, wire.address(), reads);
            for (int i = 0; i < reads.size(); i++) {
                if (outcomes.get(i) == GetOutcome.FOUND) {
                    assertThat(LentBlocks.contentOf(reads.get(i)))
                            .isEqualTo(LentBlocks.bytes(KIND, i));
                }
            }
            return outcomes;
        } finally {
            reads.forEach(read -> read.target().close());
        }
    }
}
