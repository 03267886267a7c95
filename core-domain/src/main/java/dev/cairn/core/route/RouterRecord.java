package dev.cairn.core.route;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.util.List;

/**
 * Something that a router was told or asked, or what it answered. All of them in order, from a
 * {@link Begins} on, are enough to make the same decisions again ({@link IncidentReplay}).
 *
 * <p>Workers have the numbers that the router gave them, bookings and picks count up.
 */
public sealed interface RouterRecord {

    /**
     * The state follows, and then what happens: {@link Joined}, {@link Tells}, {@link Reported},
     * {@link Sent} and {@link Books} of what there is already. Whatever came before does not count.
     *
     * @param options of the index
     * @param policy that decides
     */
    record Begins(PrefixIndexOptions options, String policy, long nanos) implements RouterRecord {}

    /**
     * A worker is there.
     *
     * @param worker its number
     * @param totalBlocks of its cache; 0 = not known
     */
    record Joined(int worker, String name, long totalBlocks) implements RouterRecord {}

    record Left(int worker) implements RouterRecord {}

    /** Whether a worker says what it holds. */
    record Tells(int worker, boolean what) implements RouterRecord {}

    /**
     * A worker said something of its load.
     *
     * @param others that send requests there, too
     */
    record Reported(int worker, LoadReport load, OtherRouters others) implements RouterRecord {}

    /** Another policy decides from now on. */
    record DecidesBy(String policy) implements RouterRecord {}

    /**
     * State: a prompt was sent to a worker and counts as held there.
     *
     * @param booking whose first token ends that; -1 = time alone does
     */
    record Sent(int worker, long[] keys, long untilNanos, long booking) implements RouterRecord {}

    /** State: a booking is open. */
    record Books(
            long booking,
            int worker,
            int uncachedTokens,
            int sequenceBlocks,
            boolean isReading,
            boolean passes)
            implements RouterRecord {}

    /**
     * A worker was picked, but nothing booked yet.
     *
     * @param question with hashes as far as they are remembered
     * @param keys of all blocks of the prompt
     * @param mayServe numbers of the candidates, ascending
     * @param held what the index said of them, those without a block left out
     * @param picked number of the worker
     * @param cost of it
     * @param cachedTokens that it is believed to hold
     */
    record Picked(
            long pick,
            String request,
            long nanos,
            RouteQuestion question,
            long[] keys,
            int[] mayServe,
            List<Held> held,
            int picked,
            double cost,
            int cachedTokens)
            implements RouterRecord {}

    /**
     * Blocks that a worker holds of a prompt, from its first one on without a gap.
     *
     * @param blocks per tier of the index, each counted for the fastest that holds it
     */
    record Held(int worker, int[] blocks) {}

    /** What was picked is booked. */
    record Booked(long booking, long pick, int uncachedTokens, long nanos)
            implements RouterRecord {}

    /** The prompt of a booking is computed. */
    record FirstToken(long booking) implements RouterRecord {}

    record Released(long booking) implements RouterRecord {}
}
