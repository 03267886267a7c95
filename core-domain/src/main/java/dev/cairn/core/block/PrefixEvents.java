package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.TokenRun;
import java.util.ArrayList;
import java.util.List;

/**
 * What changed in a prefix cache, for whoever indexes it elsewhere. Makes nothing where nobody
 * wants to know.
 *
 * <p>Threads: one mailbox owns it.
 */
final class PrefixEvents {

    private static final String DEVICE = "device";

    private final boolean heard;
    private List<KvEvent> events = new ArrayList<>();

    PrefixEvents(boolean heard) {
        this.heard = heard;
    }

    boolean areHeard() {
        return heard;
    }

    /**
     * @param parent null for the first block of a prompt
     * @param tokens that hold the blocks' tokens {@code [from, to)}
     * @param blockTokens tokens of each
     * @param salt of the tenant; empty = none
     */
    void stored(
            List<BlockHash> hashes,
            BlockHash parent,
            int[] tokens,
            int from,
            int to,
            int blockTokens,
            int group,
            String salt) {
        if (heard) {
            events.add(
                    new KvEvent.BlocksStored(
                            hashes,
                            parent,
                            TokenRun.of(tokens, from, to),
                            blockTokens,
                            group,
                            DEVICE,
                            "",
                            parent == null ? salt : ""));
        }
    }

    void removed(int group, BlockHash hash) {
        if (heard) {
            events.add(new KvEvent.BlocksRemoved(List.of(hash), group, DEVICE));
        }
    }

    void cleared() {
        if (heard) {
            events.add(new KvEvent.AllCleared());
        }
    }

    /** What changed since the last call, in order. */
    List<KvEvent> take() {
        if (events.isEmpty()) {
            return List.of();
        }
        List<KvEvent> taken = events;
        events = new ArrayList<>();
        return taken;
    }
}
