package dev.cairn.transport.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slices make no objects: blocks of many layers cost what blocks of few do. */
final class AllocationIT {

    private static final int BLOCKS = 64;
    private static final int ROUNDS = 60;
    private static final int FEW = 8;
    private static final int MANY = 128;

    @ParameterizedTest(name = "shared memory: {0}")
    @ValueSource(booleans = {false, true})
    void slicesMakeNoObjects(boolean sharedMemory) {
        double few = bytesPerBlock(sharedMemory, FEW);
        double many = bytesPerBlock(sharedMemory, MANY);
        System.out.printf(
                "allocated per block, both sides: %.0f bytes with %d layers, %.0f with %d%n",
                few, FEW, many, MANY);
        // The checksums that travel with a block are its lender's and reader's own.
        assertThat((many - few) / (MANY - FEW)).isLessThan(4);
    }

    private static double bytesPerBlock(boolean sharedMemory, int layers) {
        KvLayout layout = new KvLayout(layers, 16, 1, 16, KvType.BFLOAT16);
        BlockKind kind = new BlockKind("m", new ComputeIdentity("i"), 0, layout);
        KvOptions options = TestTransports.options(sharedMemory);
        List<BlockRead> reads =
                IntStream.range(0, BLOCKS).mapToObj(i -> LentBlocks.read(kind, i)).toList();
        try (LentBlocks blocks = new LentBlocks(List.of(kind));
                KvTransport server = TestTransports.open(options);
                KvTransport client = TestTransports.open(options)) {
            IntStream.range(0, BLOCKS).forEach(i -> blocks.add(kind, i));
            server.serve(blocks);
            pull(client, server, reads);
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getTotalThreadAllocatedBytes();
            pull(client, server, reads);
            long after = threads.getTotalThreadAllocatedBytes();
            return (after - before) / (double) (BLOCKS * ROUNDS);
        } finally {
            reads.forEach(read -> read.target().close());
        }
    }

    private static void pull(KvTransport client, KvTransport server, List<BlockRead> reads) {
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(new Outcomes().pullAll(client, server.address(), reads))
                    .containsOnly(GetOutcome.FOUND);
        }
    }
}
