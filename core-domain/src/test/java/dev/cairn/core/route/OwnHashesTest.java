package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.BlocksRemoved;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Blocks of an engine whose hashes nobody else can compute are found by those that a router does.
 */
class OwnHashesTest {

    private static final int[] TOKENS = {5, 6, 7, 8, 9, 10};

    private final BlockHasher router = new BlockHasher();
    private final BlockHash first = router.first(TOKENS, 0, 2, "");
    private final BlockHash second = router.next(first, TOKENS, 2, 2);
    private final BlockHash third = router.next(second, TOKENS, 4, 2);
    private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(100, 1));
    private final OwnHashes hashes = new OwnHashes(new BlockHasher(), 5);

    @Test
    void chainsAreHashedAnewAcrossEvents() {
        apply(stored(null, "", "", List.of(5, 6, 7, 8), 101, 102));
        apply(stored(engine(102), "", "", List.of(9, 10), 103));
        assertThat(holds(first)).isTrue();
        assertThat(holds(second)).isTrue();
        assertThat(holds(third)).isTrue();
        apply(new BlocksRemoved(List.of(engine(103), engine(999)), 0, "device"));
        assertThat(holds(third)).isFalse();
        apply(new KvEvent.AllCleared());
        assertThat(index.entries()).isZero();
        apply(stored(engine(102), "", "", List.of(9, 10), 103));
        assertThat(index.entries()).as("its parent is gone").isZero();
        assertThat(hashes.leftOut()).isEqualTo(1);
    }

    @Test
    void whatIsStoredTwiceIsRemovedTwice() {
        apply(stored(null, "", "", List.of(5, 6), 101));
        apply(stored(null, "", "", List.of(5, 6), 101));
        apply(new BlocksRemoved(List.of(engine(101)), 0, "device"));
        assertThat(holds(first)).isTrue();
        apply(new BlocksRemoved(List.of(engine(101)), 0, "device"));
        assertThat(holds(first)).isFalse();
    }

    @Test
    void saltsAndAdaptersAreHashed() {
        apply(stored(null, "tenant", "", List.of(5, 6), 101));
        assertThat(holds(first)).isFalse();
        assertThat(holds(router.first(TOKENS, 0, 2, "tenant"))).isTrue();
        apply(stored(null, "", "adapter", List.of(5, 6), 201));
        assertThat(holds(first)).as("the base model's").isFalse();
        assertThat(holds(router.first(TOKENS, 0, 2, OwnHashes.salt("adapter", "")))).isTrue();
        assertThat(OwnHashes.salt("", "\0" + "7:adapter"))
                .as("no salt passes for an adapter")
                .isNotEqualTo(OwnHashes.salt("adapter", ""));
    }

    @Test
    void aBlockThatComesToTheHostIsKnownFromTheDevice() {
        apply(stored(null, "", "", List.of(5, 6), 101));
        apply(new BlocksStored(List.of(engine(7), engine(101)), null, List.of(), 0, 0, "host", ""));
        apply(new BlocksRemoved(List.of(engine(101)), 0, "device"));
        assertThat(index.holds(0, 1, PrefixIndex.key(first, 0))).isTrue();
        assertThat(index.holds(0, 0, PrefixIndex.key(first, 0))).isFalse();
    }

    @Test
    void noMoreIsKeptThanMayBe() {
        for (int i = 0; i < 20; i++) {
            apply(stored(null, "", "", List.of(i, i), 100 + i));
        }
        assertThat(index.entries()).isEqualTo(5);
        assertThat(hashes.leftOut()).isEqualTo(15);
    }

    private void apply(KvEvent event) {
        hashes.translate(event).ifPresent(known -> index.apply(0, known));
    }

    private boolean holds(BlockHash hash) {
        return index.holds(0, 0, PrefixIndex.key(hash, 0));
    }

    private static KvEvent stored(
            BlockHash parent, String salt, String adapter, List<Integer> tokens, long... engine) {
        List<BlockHash> named = new ArrayList<>();
        for (long hash : engine) {
            named.add(engine(hash));
        }
        return new BlocksStored(named, parent, tokens, 2, 0, "device", adapter, salt);
    }

    private static BlockHash engine(long hash) {
        return new BlockHash(0, 0, 0, hash);
    }
}
