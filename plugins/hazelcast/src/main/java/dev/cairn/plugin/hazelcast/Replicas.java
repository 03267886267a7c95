package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * What all others hold, in one table.
 *
 * <p>Threads: one, but for {@link #holders}, which any thread may call and which waits for nobody.
 */
final class Replicas {

    /** As many as the table's 16 bits have room for beside the tier. */
    static final int MOST_MEMBERS = 2047;

    /** Holders of one block that are told; nobody tries more. */
    private static final int MOST_HOLDERS = 64;

    private final HolderTable table;
    private final TierNames tiers = new TierNames();
    private final AtomicReferenceArray<String> names = new AtomicReferenceArray<>(MOST_MEMBERS + 1);
    private final BitSet taken = new BitSet();
    private final Map<String, Replica> byMember = new HashMap<>();

    /**
     * @param most blocks of others that are known of
     */
    Replicas(int most) {
        table = new HolderTable(most);
    }

    /** A member came; where there is no number left for it, its blocks stay unknown. */
    void came(String member, Function<String, Replica.Owner> owners) {
        int index = taken.nextClearBit(1);
        if (index > MOST_MEMBERS || byMember.containsKey(member)) {
            return;
        }
        taken.set(index);
        byMember.put(member, new Replica(index, table, tiers, owners.apply(member)));
        names.set(index, member);
    }

    /** A member left: from now on it holds nothing. */
    void went(String member) {
        Replica replica = byMember.remove(member);
        if (replica != null) {
            replica.end();
            names.set(replica.index(), null);
            table.removeAll(holder -> Replica.member(holder) == replica.index());
            taken.clear(replica.index());
        }
    }

    void hear(String member, Message.Batch batch) {
        Replica replica = byMember.get(member);
        if (replica != null) {
            replica.hear(batch);
        }
    }

    void hear(String member, Message.Beacon beacon) {
        Replica replica = byMember.get(member);
        if (replica != null) {
            replica.hear(beacon);
        }
    }

    List<BlockHolder> holders(long high, long low) {
        if (!table.contains(high, low)) {
            return List.of();
        }
        int[] found = new int[MOST_HOLDERS];
        int count = table.holders(high, low, found);
        List<BlockHolder> holders = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String member = names.get(Replica.member(found[i]));
            if (member != null) {
                holders.add(new BlockHolder(member, tiers.name(Replica.tier(found[i]))));
            }
        }
        return holders;
    }

    /** Slots in use. */
    int size() {
        return table.size();
    }

    long bytes() {
        return table.bytes();
    }

    /** Repairs so far, of those who are there. */
    long repairs() {
        return byMember.values().stream().mapToLong(Replica::repairs).sum();
    }
}
