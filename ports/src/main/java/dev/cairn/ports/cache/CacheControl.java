package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import java.util.Map;
import java.util.Optional;

/**
 * The cached blocks of one engine, in its device and in the tiers below it, for who administers
 * them. Prompts are token ids; a tenant is the salt of its block hashes.
 *
 * <p>Threads: any; no method waits. Completions come on any thread; a failure is a {@link
 * dev.cairn.ports.request.RequestRefused}.
 */
public interface CacheControl {

    /** The name of the place that is the device. */
    String DEVICE = "device";

    void status(Completion<CacheStatus> done);

    /** Where the blocks of a prompt lie. */
    void lookup(int[] prompt, String tenant, Completion<PromptBlocks> done);

    /**
     * Pins the blocks of a prompt, or ends that. Blocks that a tier does not have are brought there
     * first, from the device or another tier. Nothing is pinned in the device: what is pinned in a
     * tier is fetched from there.
     *
     * @param tier where; empty = in every tier that has the block, or else in the fastest
     * @param done says how many blocks are pinned, or are not any more
     */
    void pin(
            int[] prompt,
            String tenant,
            Optional<String> tier,
            boolean pinned,
            Completion<BlockTally> done);

    /**
     * Pins the blocks of a prompt under a name. A block that several pins hold stays until the last
     * of them ends. Names are kept as long as the process runs: of what lies in a tier that
     * outlives it, pins with a time limit end with the process, others stay as pins without a name.
     *
     * @param tier as in {@link #pin}
     */
    void pinAs(
            PinLabel label,
            int[] prompt,
            String tenant,
            Optional<String> tier,
            Completion<BlockTally> done);

    /**
     * Ends a pin by its name.
     *
     * @param done says how many blocks it held; none if there is no such pin
     */
    void unpin(String name, String tenant, Completion<BlockTally> done);

    /**
     * Moves the blocks of a prompt to a tier; none stays behind that arrived there.
     *
     * @param from {@link #DEVICE} or a tier
     * @param to a tier
     */
    void move(int[] prompt, String tenant, String from, String to, Completion<BlockTally> done);

    /**
     * Forgets blocks, pinned or not, those included that are on their way. What is forgotten is not
     * found again, also after a restart.
     *
     * @param done blocks by place
     */
    void clear(ClearOrder order, Completion<Map<String, Integer>> done);

    /**
     * Writes what only the device has to the tiers that get blocks late, for a server that is about
     * to stop.
     *
     * @param done how many blocks
     */
    void writeBack(Completion<Integer> done);

    /**
     * Completes when every block of the device that waits now to be copied to a tier, or is being
     * copied, has come there or never will.
     */
    void settled(Completion<Void> done);
}
