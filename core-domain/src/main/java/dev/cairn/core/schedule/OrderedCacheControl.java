package dev.cairn.core.schedule;

import dev.cairn.core.cache.CacheOrder;
import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.system.Completion;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A backend's cache, from outside: everything is an order that its mailbox carries out.
 *
 * <p>Threads: any.
 */
final class OrderedCacheControl implements CacheControl {

    private final String model;
    private final Consumer<CacheOrder> asks;

    /**
     * @param model whose cache it is, for the status
     * @param asks hears the orders, on the caller's thread
     */
    OrderedCacheControl(String model, Consumer<CacheOrder> asks) {
        this.model = model;
        this.asks = asks;
    }

    @Override
    public void status(Completion<CacheStatus> done) {
        asks.accept(new CacheOrder.Status(model, done));
    }

    @Override
    public void lookup(int[] prompt, String tenant, Completion<PromptBlocks> done) {
        asks.accept(new CacheOrder.Lookup(prompt, tenant, done));
    }

    @Override
    public void pin(
            int[] prompt,
            String tenant,
            Optional<String> tier,
            boolean pinned,
            Completion<BlockTally> done) {
        asks.accept(new CacheOrder.Pin(prompt, tenant, tier, pinned, done));
    }

    @Override
    public void pinAs(
            PinLabel label,
            int[] prompt,
            String tenant,
            Optional<String> tier,
            Completion<BlockTally> done) {
        asks.accept(new CacheOrder.PinAs(label, prompt, tenant, tier, done));
    }

    @Override
    public void unpin(String name, String tenant, Completion<BlockTally> done) {
        asks.accept(new CacheOrder.Unpin(name, tenant, done));
    }

    @Override
    public void move(
            int[] prompt, String tenant, String from, String to, Completion<BlockTally> done) {
        asks.accept(new CacheOrder.Move(prompt, tenant, from, to, done));
    }

    @Override
    public void clear(ClearOrder order, Completion<Map<String, Integer>> done) {
        asks.accept(new CacheOrder.Clear(order, done));
    }

    @Override
    public void writeBack(Completion<Integer> done) {
        asks.accept(new CacheOrder.WriteBack(done));
    }

    @Override
    public void settled(Completion<Void> done) {
        asks.accept(new CacheOrder.Settled(done));
    }
}
