package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.system.RandomSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shortens a block's key to 128 bits, alike on every member: what a block belongs to (model,
 * compute identity, layer group) by SHA-256, its hash folded in by SplitMix64's mixer. Two keys
 * with one digest would only send a reader to a peer that does not have the block.
 *
 * <p>Threads: any.
 */
final class BlockDigest {

    /** Models, identities and groups that one process deals with; far more would be a mistake. */
    private static final int MOST_SCOPES = 4096;

    private final Map<Scope, long[]> scopes = new ConcurrentHashMap<>();

    /** Lookups come in runs of one scope. */
    private volatile Latest latest = new Latest(new Scope("", "", -1), new long[2]);

    /** Never 0, which marks an empty slot. */
    long high(BlockKey key) {
        long digest = fold(scope(key)[0], key.hash());
        return digest == 0 ? 1 : digest;
    }

    long low(BlockKey key) {
        return fold(scope(key)[1], key.hash());
    }

    private static long fold(long seed, BlockHash hash) {
        long folded = RandomSource.mix(seed ^ hash.a());
        folded = RandomSource.mix(folded ^ hash.b());
        folded = RandomSource.mix(folded ^ hash.c());
        return RandomSource.mix(folded ^ hash.d());
    }

    private long[] scope(BlockKey key) {
        Latest last = latest;
        if (last.scope.isOf(key)) {
            return last.digest;
        }
        if (scopes.size() >= MOST_SCOPES) {
            scopes.clear();
        }
        Scope scope = new Scope(key.model(), key.identity().text(), key.group());
        long[] digest = scopes.computeIfAbsent(scope, Scope::digest);
        latest = new Latest(scope, digest);
        return digest;
    }

    private record Latest(Scope scope, long[] digest) {}

    private record Scope(String model, String identity, int group) {

        boolean isOf(BlockKey key) {
            return group == key.group()
                    && identity.equals(key.identity().text())
                    && model.equals(key.model());
        }

        long[] digest() {
            try {
                MessageDigest sha = MessageDigest.getInstance("SHA-256");
                byte[] name = model.getBytes(StandardCharsets.UTF_8);
                sha.update(ByteBuffer.allocate(8).putInt(group).putInt(name.length).array());
                sha.update(name);
                ByteBuffer digest =
                        ByteBuffer.wrap(sha.digest(identity.getBytes(StandardCharsets.UTF_8)));
                return new long[] {digest.getLong(), digest.getLong()};
            } catch (NoSuchAlgorithmException everyJdkHasIt) {
                throw new AssertionError(everyJdkHasIt);
            }
        }
    }
}
