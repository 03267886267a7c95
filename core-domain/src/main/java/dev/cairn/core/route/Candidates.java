package dev.cairn.core.route;

import dev.cairn.core.route.RouterRecord.Held;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The workers of a router, and what a policy gets to see of those that may serve one question.
 *
 * <p>Threads: one router shard.
 */
final class Candidates {

    /**
     * What of a prompt like the one in question another router is reckoned to have sent, this very
     * moment, to a worker that is its to prefer. In replays of a trace a third to the whole prompt
     * did alike; with three times as much, prefixes are found less often.
     */
    private static final double UNSEEN = 0.5;

    private final List<String> tiers;
    private final HeldPrefix held;
    private final Bookings bookings;

    /** By number; null where nobody is. */
    private final String[] names;

    /** Numbers beyond this one were never given away. */
    private int end;

    /** Of workers that hold nothing of the question, for as long as their load is the same. */
    private final Candidate[] idle;

    /** Of the candidates of one question, in their order. */
    private final int[] numbers;

    private int count;
    private final List<Map<String, Integer>> deviceOverlaps = new ArrayList<>();

    /** All numbers by the names of those who have them; null = not known. */
    private int[] byName;

    /** By number, the place among the candidates by name; null = not known. */
    private int[] places;

    /** How many routers there are, of the last question. */
    private OtherRouters routers = OtherRouters.NONE;

    /** What may have come to workers, of the last question. */
    private LoadReport unseen = LoadReport.NONE;

    /** What was sent to workers, of the last question; null = nobody wanted to know. */
    private RoutedPrefixes sent;

    Candidates(PrefixIndexOptions options, HeldPrefix held, Bookings bookings) {
        int most = options.mostWorkers();
        this.tiers = options.tiers();
        this.held = held;
        this.bookings = bookings;
        this.names = new String[most];
        this.idle = new Candidate[most];
        this.numbers = new int[most];
    }

    /**
     * @return the first number that nobody has
     * @throws IllegalStateException if all are given away
     */
    int join(String worker) {
        int number = 0;
        while (number < end && names[number] != null) {
            number++;
        }
        if (number == names.length) {
            throw new IllegalStateException("there is room for " + number + " workers only");
        }
        joinAs(number, worker);
        return number;
    }

    void joinAs(int number, String worker) {
        end = Math.max(end, number + 1);
        names[number] = worker;
        idle[number] = null;
        byName = null;
    }

    void leave(int worker) {
        names[worker] = null;
        idle[worker] = null;
        byName = null;
    }

    /** By number; null if nobody has it. */
    String name(int worker) {
        return names[worker];
    }

    /** No worker has this number or a greater one. */
    int end() {
        return end;
    }

    /**
     * Those who may serve are the candidates from now on.
     *
     * @return how many they are
     */
    int choose(IntPredicate mayServe) {
        count = 0;
        places = null;
        for (int worker = 0; worker < end; worker++) {
            if (names[worker] != null && mayServe.test(worker)) {
                numbers[count++] = worker;
            }
        }
        return count;
    }

    int number(int candidate) {
        return numbers[candidate];
    }

    int[] numbers() {
        return Arrays.copyOf(numbers, count);
    }

    /**
     * Looks a prompt up, for {@link #seenBy}.
     *
     * @param asksWorkers whether what they say they hold is looked up
     * @param routed what was sent to them; null = is not
     */
    void lookUp(long[] keys, int blocks, boolean asksWorkers, RoutedPrefixes routed, long nanos) {
        held.match(keys, asksWorkers ? blocks : 0);
        sent = routed;
        if (sent != null) {
            sent.match(keys, blocks, nanos);
        }
    }

    /**
     * Where several routers send requests, each prefers workers of its own: what the others do in
     * this moment is not known yet, and all would take the same idlest ones. So the others' own
     * count as having got something like what is in question. Routers know the same workers, and
     * those tell each its place, so nobody needs to agree on anything. A worker knows of those
     * alone that sent it something: who knows of the most is believed.
     */
    void unseen(RouteQuestion question) {
        unseen =
                new LoadReport(
                        0,
                        0,
                        (long) (UNSEEN * question.promptTokens() / question.blockTokens()),
                        0,
                        (long) (UNSEEN * question.promptTokens()));
        routers = OtherRouters.NONE;
        for (int i = 0; i < count; i++) {
            OtherRouters told = bookings.others(numbers[i]);
            routers = told.routers() > routers.routers() ? told : routers;
        }
    }

    private boolean isForOthers(int worker) {
        return routers.routers() > 1 && place(worker) % routers.routers() != routers.place();
    }

    private int place(int worker) {
        if (byName == null) {
            byName =
                    IntStream.range(0, end)
                            .filter(number -> names[number] != null)
                            .boxed()
                            .sorted(Comparator.comparing(number -> names[number]))
                            .mapToInt(Integer::intValue)
                            .toArray();
        }
        if (places == null) {
            places = new int[end];
            Arrays.fill(places, -1);
            for (int i = 0; i < count; i++) {
                places[numbers[i]] = 0;
            }
            int next = 0;
            for (int number : byName) {
                if (places[number] == 0) {
                    places[number] = next++;
                }
            }
        }
        return places[worker];
    }

    /** The candidates as a policy sees them that wants to know so much. */
    List<Candidate> seenBy(Knowledge knowledge) {
        List<Candidate> candidates = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int worker = numbers[i];
            int said = knowledge == Knowledge.EVENTS ? held.depth(worker) : 0;
            int routed = knowledge == Knowledge.NOTHING || sent == null ? 0 : sent.depth(worker);
            LoadReport load = bookings.load(worker);
            LoadReport elsewhere = bookings.elsewhere(worker);
            boolean isForOthers = isForOthers(worker);
            if (isForOthers) {
                load = load.plus(unseen);
                elsewhere = elsewhere.plus(unseen);
            }
            candidates.add(
                    said + routed > 0 || isForOthers
                            ? new Candidate(
                                    names[worker], load, overlap(worker, said, routed), elsewhere)
                            : idle(worker, load));
        }
        return candidates;
    }

    private Candidate idle(int worker, LoadReport load) {
        if (idle[worker] == null || idle[worker].load() != load) {
            idle[worker] = new Candidate(names[worker], load, Map.of(), bookings.elsewhere(worker));
        }
        return idle[worker];
    }

    /** What it holds, and beyond that what it will hold when it has done what was sent to it. */
    private Map<String, Integer> overlap(int worker, int said, int routed) {
        int inDevice = said == 0 ? 0 : held.blocks(worker, 0);
        int device = inDevice + Math.max(0, routed - said);
        if (inDevice == said) {
            while (deviceOverlaps.size() <= device) {
                deviceOverlaps.add(Map.of(tiers.getFirst(), deviceOverlaps.size()));
            }
            return deviceOverlaps.get(device);
        }
        Map<String, Integer> overlap = new HashMap<>();
        for (int tier = 0; tier < tiers.size(); tier++) {
            int blocks = tier == 0 ? device : held.blocks(worker, tier);
            if (blocks > 0) {
                overlap.put(tiers.get(tier), blocks);
            }
        }
        return overlap;
    }

    /** What the index said of the candidates. */
    List<Held> held() {
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int worker = numbers[i];
            if (held.depth(worker) > 0) {
                int[] blocks = new int[tiers.size()];
                for (int tier = 0; tier < blocks.length; tier++) {
                    blocks[tier] = held.blocks(worker, tier);
                }
                all.add(new Held(worker, blocks));
            }
        }
        return all;
    }
}
