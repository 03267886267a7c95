package dev.cairn.transport.events;

import java.util.HashMap;
import java.util.Map;

/**
 * Numbers of one engine's layer groups as an index wants them: 0 for the one that keeps all of a
 * prefix, since it says how long a hit can be, and others above. Engines number them as they like,
 * and say with every stored block of which kind its group is.
 *
 * <p>Threads: one at a time.
 */
final class GroupNumbers {

    /** Groups of one model; beyond them an engine is not believed. */
    private static final int MOST = 1 << 10;

    private static final String FULL = "full_attention";

    private final Map<Integer, Integer> known = new HashMap<>();
    private boolean fullSeen;

    /**
     * @param group the engine's number; null = it has only one
     * @param kind null = it does not say
     */
    int stored(Integer group, String kind) {
        if (group == null) {
            return 0;
        }
        return known.computeIfAbsent(checked(group), index -> number(index, kind));
    }

    /** Of a group whose blocks were stored before. */
    int removed(Integer group) {
        return group == null ? 0 : known.getOrDefault(group, checked(group) + 1);
    }

    private int number(int index, String kind) {
        // Engines that do not say have no windows, and their groups differ in size only.
        boolean full = kind == null || kind.equals(FULL) || kind.equals("mla_attention");
        if (full && !fullSeen) {
            fullSeen = true;
            return 0;
        }
        return index + 1;
    }

    private static int checked(int group) {
        if (group < 0 || group >= MOST) {
            throw new MalformedMessage("layer group " + group);
        }
        return group;
    }
}
