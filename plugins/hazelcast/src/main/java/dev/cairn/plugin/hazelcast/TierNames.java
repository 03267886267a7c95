package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.RandomSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names of tiers as small numbers. A process meets few of them; those beyond {@value #MOST} get no
 * number.
 *
 * <p>Threads: any may read, writers are one at a time.
 */
final class TierNames {

    static final int MOST = 32;
    static final int LONGEST = 64;

    private volatile List<String> names = List.of();

    /** The tier's number, a new one if it was never seen; -1 if there are none left. */
    synchronized int number(String name) {
        int known = names.indexOf(name);
        if (known >= 0) {
            return known;
        }
        if (names.size() == MOST || name.isEmpty() || name.length() > LONGEST) {
            return -1;
        }
        names = Stream.concat(names.stream(), Stream.of(name)).toList();
        return names.size() - 1;
    }

    String name(int number) {
        return names.get(number);
    }

    /** By number. */
    List<String> all() {
        return names;
    }

    /** The tier's part in an entry's hash: of its name, since numbers differ between members. */
    long hash(int number) {
        return hash(names.get(number));
    }

    private static long hash(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) {
            hash = RandomSource.mix(hash ^ name.charAt(i));
        }
        return hash;
    }
}
