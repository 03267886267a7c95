package dev.cairn.core.share;

import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PromptBlocks.PlacedBlock;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.fleet.CommandLine;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gives the blocks of an answer to the member that read its prompt: the next turn of the
 * conversation begins with both, and is read there. What that member does not take is lost for
 * nobody.
 *
 * <p>Threads: any; nothing waits.
 */
public final class ReturnBlocks {

    /** For the last blocks to reach the tier. */
    private static final long GATHERING = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Duration AT_MOST = Duration.ofSeconds(5);
    private static final int MOST_BLOCKS = 1024;

    private final CacheControl cache;
    private final RunnerDescription runner;
    private final BlockTier tier;
    private final Handing handing;
    private final Clock clock;
    private final Timers timers;
    private final Telemetry.Counter returned;

    /**
     * @param cache knows where blocks lie
     * @param runner whose blocks they are
     * @param tier from which others may pull
     * @param self by which the reader finds this process: {@code Member#id}, or its transport's
     *     address
     */
    public ReturnBlocks(
            CacheControl cache,
            RunnerDescription runner,
            BlockTier tier,
            String self,
            CommandLine commands,
            Clock clock,
            Timers timers,
            Telemetry telemetry) {
        this.cache = cache;
        this.runner = runner;
        this.tier = tier;
        this.handing = new Handing(self, commands);
        this.clock = clock;
        this.timers = timers;
        this.returned =
                telemetry.counter(
                        "cairn:returned_blocks_total",
                        "Blocks of answers offered to the readers of their prompts, by outcome",
                        List.of("outcome"));
    }

    /**
     * @param member who gets them
     * @param tokens of prompt and answer
     * @param from how many of them the member has
     * @param tenant salt of the block hashes
     */
    public void start(String member, int[] tokens, int from, String tenant) {
        timers.schedule(clock.nanos() + GATHERING, () -> find(member, tokens, from, tenant));
    }

    private void find(String member, int[] tokens, int from, String tenant) {
        cache.lookup(
                tokens,
                tenant,
                new Completion<>() {
                    @Override
                    public void completed(PromptBlocks blocks) {
                        offer(member, blocks, from, tenant);
                    }

                    @Override
                    public void failed(Throwable asleep) {
                        // Then there is nothing to give.
                    }
                });
    }

    private void offer(String member, PromptBlocks blocks, int from, String tenant) {
        List<Offered> offered = new ArrayList<>();
        int colon = tenant.indexOf(':');
        String account = colon < 0 ? tenant : tenant.substring(0, colon);
        for (PlacedBlock block : blocks.blocks()) {
            if (block.end() > from
                    && block.places().contains(tier.name())
                    && offered.size() < MOST_BLOCKS) {
                offered.add(
                        new Offered(
                                block.key(),
                                runner.groups().get(block.key().group()).layout(),
                                account));
            }
        }
        if (offered.isEmpty()) {
            return;
        }
        handing.offer(
                member,
                offered,
                AT_MOST,
                handed -> {
                    long arrived = handed.stream().filter(Handing.Handed::arrived).count();
                    returned.add(arrived, "taken");
                    returned.add(offered.size() - arrived, "lost");
                });
    }
}
