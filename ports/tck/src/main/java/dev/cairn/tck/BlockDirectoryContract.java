package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the cache relies on in a {@link BlockDirectory}, also where nobody else is there. */
public abstract class BlockDirectoryContract {

    /** The directory under test, of one member for all tests or of a new one for each. */
    protected abstract BlockDirectory directory();

    @Test
    protected void nobodyHoldsWhatNobodyAnnounced() {
        assertThat(directory().holders(newKey())).isEmpty();
    }

    /** Who looks has looked into its own tiers already. */
    @Test
    protected void aMemberIsNoHolderForItself() {
        BlockKey key = newKey();
        directory().announce(List.of(key), "host");
        directory().announce(List.of(key), "host");
        assertThat(directory().holders(key)).isEmpty();
        directory().withdraw(List.of(key), "host");
        directory().withdraw(List.of(key), "host");
        directory().withdraw(List.of(key), "never-heard-of");
        assertThat(directory().holders(key)).isEmpty();
    }

    /** A key that no other test uses. */
    protected static BlockKey newKey() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new BlockKey(
                "model",
                new ComputeIdentity("tck/1/float32"),
                0,
                new BlockHash(
                        random.nextLong(),
                        random.nextLong(),
                        random.nextLong(),
                        random.nextLong()));
    }

    /** Keys that no other test uses. */
    protected static List<BlockKey> newKeys(int count) {
        return Stream.generate(BlockDirectoryContract::newKey).limit(count).toList();
    }
}
