package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.distribution.wiring.TierShelf;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A writer of blocks that has two heads in each other's place: everything else about them is right,
 * checksums too. Works on a disk tier that no server has open.
 */
final class SwappedHeads {

    private SwappedHeads() {}

    /** Rewrites every block of a folder; how many there were. */
    static int in(Path folder, String size) {
        Setup setup =
                Setup.read(
                        new Installation(Optional.empty()),
                        new ConfigurationInput(
                                Optional.empty(),
                                Optional.empty(),
                                Map.of(),
                                Map.of(),
                                List.of(
                                        new Assignment(
                                                "cairn.cache.disk.path",
                                                folder.toString(),
                                                "--set"),
                                        new Assignment("cairn.cache.disk.size", size, "--set"))));
        try (Program program = Program.start(setup);
                BlockTier tier = program.part(TierShelf.class).open("disk");
                Arena arena = Arena.ofShared()) {
            List<BlockEntry> entries = new ArrayList<>();
            tier.entries(entries::add);
            entries.forEach(entry -> rewrite(tier, entry, arena));
            return entries.size();
        }
    }

    private static void rewrite(BlockTier tier, BlockEntry entry, Arena arena) {
        KvLayout layout = entry.layout();
        assertThat(layout.heads()).as("heads to swap").isGreaterThan(1);
        MemoryLease lease = lease(arena.allocate(layout.blockBytes(), 4096));
        var read = new CompletableFuture<GetOutcome>();
        tier.get(
                List.of(new BlockRead(entry.key(), layout, lease)),
                (_, outcome) -> read.complete(outcome));
        assertThat(read.join()).isEqualTo(GetOutcome.FOUND);
        long row = (long) layout.headSize() * layout.type().elementBytes();
        for (int layer = 0; layer < layout.layers(); layer++) {
            for (int i = 0; i < 2 * layout.tokens(); i++) {
                swap(lease.segment(), layout.sliceOffset(layer) + i * layout.heads() * row, row);
            }
        }
        var removed = new CompletableFuture<Integer>();
        tier.remove(List.of(entry.key()), completing(removed));
        assertThat(removed.join()).isEqualTo(1);
        var stored = new CompletableFuture<PutOutcome>();
        tier.put(
                List.of(
                        new BlockWrite(
                                entry.key(), BlockBytes.leaving(layout, lease), entry.tenant())),
                (_, outcome) -> stored.complete(outcome));
        assertThat(stored.join()).isEqualTo(PutOutcome.STORED);
    }

    /** The first two heads of a token. */
    private static void swap(MemorySegment bytes, long at, long row) {
        byte[] first = bytes.asSlice(at, row).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment.copy(bytes, at + row, bytes, at, row);
        MemorySegment.copy(first, 0, bytes, ValueLayout.JAVA_BYTE, at + row, first.length);
    }

    private static MemoryLease lease(MemorySegment segment) {
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return segment;
            }

            @Override
            public void close() {
                // The arena's.
            }
        };
    }

    private static <T> Completion<T> completing(CompletableFuture<T> future) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                future.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                future.completeExceptionally(failure);
            }
        };
    }
}
