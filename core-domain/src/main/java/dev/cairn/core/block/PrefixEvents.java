package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.TokenRun;
import dev.cairn.ports.request.AdapterChoice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What changed in a prefix cache, for whoever indexes it elsewhere. Makes nothing where nobody
 * wants to know.
 *
 * <p>Threads: one mailbox owns it.
 */
final class PrefixEvents {

    private static final String DEVICE = "device";

    private static final int MOST_NAMES = 1 << 14;

    private final boolean heard;
    private final Map<String, String> names = new HashMap<>();
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
     * @param salt of tenant and adapter; empty = none
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
                            adapter(salt),
                            parent == null ? AdapterChoice.tenantIn(salt) : ""));
        }
    }

    /** How clients call an adapter, for the events of its blocks. */
    void names(AdapterChoice adapter) {
        if (heard && adapter.isPresent()) {
            if (names.size() == MOST_NAMES) {
                names.clear();
            }
            names.put(adapter.digest(), adapter.name());
        }
    }

    /** Its digest where it was not asked for by name of late: never none where there is one. */
    private String adapter(String salt) {
        String digest = AdapterChoice.digestIn(salt);
        return names.getOrDefault(digest, digest);
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
