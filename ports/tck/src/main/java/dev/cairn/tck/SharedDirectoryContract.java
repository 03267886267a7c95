package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a fleet relies on in a {@link BlockDirectory} that members share. */
public abstract class SharedDirectoryContract extends BlockDirectoryContract {

    /** The directory of another member of the same fleet. */
    protected abstract BlockDirectory other();

    /** The other member's id. */
    protected abstract String otherId();

    @Test
    protected void whatOthersAnnounceIsFoundUntilTheyWithdrawIt() {
        List<BlockKey> keys = newKeys(1000);
        other().announce(keys, "host");
        Patience.until("all are known", () -> keys.stream().allMatch(key -> isAt(key, "host")));

        other().withdraw(keys.subList(0, 500), "host");
        Patience.until(
                "they are gone", () -> keys.subList(0, 500).stream().allMatch(key -> isAt(key)));
        assertThat(keys.subList(500, 1000)).allMatch(key -> isAt(key, "host"));
    }

    @Test
    protected void aBlockMayLieInSeveralTiers() {
        BlockKey key = newKey();
        other().announce(List.of(key), "host");
        other().announce(List.of(key), "disk");
        Patience.until("both are known", () -> isAt(key, "host", "disk"));
        other().withdraw(List.of(key), "host");
        Patience.until("one is gone", () -> isAt(key, "disk"));
    }

    /** Model, identity and group belong to the key as much as the hash. */
    @Test
    protected void keysDifferInEveryPart() {
        BlockHash hash = newKey().hash();
        BlockKey key = new BlockKey("model", new ComputeIdentity("a/b"), 0, hash);
        other().announce(List.of(key), "host");
        Patience.until("it is known", () -> isAt(key, "host"));
        List<BlockKey> others =
                List.of(
                        new BlockKey("model2", new ComputeIdentity("a/b"), 0, hash),
                        new BlockKey("model", new ComputeIdentity("a/c"), 0, hash),
                        new BlockKey("model", new ComputeIdentity("a/b"), 1, hash),
                        new BlockKey(
                                "model",
                                new ComputeIdentity("a/b"),
                                0,
                                new BlockHash(hash.a(), hash.b(), hash.c(), hash.d() + 1)));
        assertThat(others).allMatch(other -> isAt(other));
    }

    private boolean isAt(BlockKey key, String... tiers) {
        List<BlockHolder> holders = directory().holders(key);
        return holders.size() == tiers.length
                && holders.stream().allMatch(holder -> holder.member().equals(otherId()))
                && Set.of(tiers).containsAll(holders.stream().map(BlockHolder::tier).toList());
    }
}
