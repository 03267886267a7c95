package dev.cairn.core.split;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.split.PromptBlockList.Part;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads prompts for others on this worker's engine. Blocks reach the fastest tier as they are
 * computed, are held there from then on, and are told of; whoever asked pulls them meanwhile. They
 * are let go when he ends the reading, or when the lease is over, whichever comes first.
 *
 * <p>Threads: {@link #read} and {@link #stored} any; the rest in the turns of its mailbox.
 */
public final class PromptDesk implements PromptReader {

    private final GenerationBackend worker;
    private final RunnerDescription runner;
    private final BlockTier tier;
    private final String address;
    private final Duration lease;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final Telemetry telemetry;
    private final Telemetry.Counter read;
    private final Set<BlockKey> awaited = ConcurrentHashMap.newKeySet();
    private final Map<BlockKey, Integer> held = new HashMap<>();
    private final Set<Reading> open = new LinkedHashSet<>();
    private volatile int live;
    private volatile int holds;

    /**
     * @param worker that computes
     * @param runner its engine
     * @param tier that gets every block as it is computed; {@link #stored} is told of it
     * @param address of the transport that lends what lies there
     * @param lease longest that blocks are held for one reading, from its last progress
     */
    public PromptDesk(
            GenerationBackend worker,
            RunnerDescription runner,
            BlockTier tier,
            String address,
            Duration lease,
            MailboxDriver driver,
            Timers timers,
            Telemetry telemetry) {
        this.worker = worker;
        this.runner = runner;
        this.tier = tier;
        this.address = address;
        this.lease = lease;
        this.timers = timers;
        this.telemetry = telemetry;
        this.mailbox = driver.open("prompts-" + worker.description().name(), this::turn);
        this.read =
                telemetry.counter(
                        "cairn:prompts_read_total",
                        "Prompts read for other workers, by how it ended",
                        List.of("outcome"));
        Map<String, String> labels = Map.of("model_name", worker.description().model());
        telemetry.gauge(
                "cairn:prompts_live",
                "Prompts that are read now for other workers, or wait to be fetched",
                labels,
                () -> live);
        telemetry.gauge(
                "cairn:prompts_held_blocks",
                "Blocks of such prompts that are kept until they are fetched",
                labels,
                () -> holds);
    }

    @Override
    public Timers.Cancellation read(GenerationRequest request, PromptListener events) {
        var reading = new Reading(request.settled(runner.firstFormPositions()), events);
        mailbox.post(new Event.Asked(reading));
        return () -> mailbox.post(new Event.Left(reading));
    }

    /** Something changed about a block of the tier. Cheap where nobody waits for it. */
    public void stored(BlockKey key) {
        if (awaited.contains(key)) {
            mailbox.post(new Event.Changed(key));
        }
    }

    /** Readings that have not been let go. */
    public int live() {
        return live;
    }

    /** Reads nothing more. */
    public void close() {
        mailbox.post(new Event.Closed());
        mailbox.close();
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Asked(var reading) -> begin(reading);
            case Event.Known(var reading, var blocks) -> known(reading, blocks, nanos);
            case Event.Changed(var key) -> {
                for (Reading reading : List.copyOf(open)) {
                    if (take(reading, key)) {
                        progress(reading, nanos);
                    }
                }
            }
            case Event.Heard(var reading, var happened) -> heard(reading, happened, nanos);
            case Event.Settled(var reading) -> settled(reading, nanos);
            case Event.Late(var reading, var lookAt) -> late(reading, lookAt, nanos);
            case Event.Left(var reading) -> end(reading, "released");
            case Event.Closed() ->
                    List.copyOf(open).forEach(reading -> lose(reading, "the worker stops"));
        }
        live = open.size();
        holds = held.size();
    }

    private void begin(Reading reading) {
        open.add(reading);
        reading.span = telemetry.span("read prompt", reading.request.trace());
        PromptBlockList.find(
                worker, reading.request, blocks -> mailbox.post(new Event.Known(reading, blocks)));
    }

    private void known(Reading reading, Optional<PromptBlocks> blocks, long nanos) {
        if (!open.contains(reading)) {
            return;
        }
        if (blocks.isEmpty()) {
            lose(reading, "the worker does not know its cache now");
            return;
        }
        reading.parts = PromptBlockList.of(blocks.get(), runner);
        for (Part part : reading.parts) {
            reading.missing.add(part.key());
            awaited.add(part.key());
        }
        reading.events.on(new Offered(address));
        renew(reading, nanos);
        look(reading, nanos);
        if (!reading.missing.isEmpty()) {
            reading.work =
                    worker.generate(
                            reading.request
                                    .promptAlone(reading.request.id() + "#prompt")
                                    .traced(reading.span.context()),
                            event -> mailbox.post(new Event.Heard(reading, event)));
        }
    }

    /** Holds what has come, and tells how far all of it reaches. */
    private void look(Reading reading, long nanos) {
        boolean more = false;
        for (Part part : reading.parts) {
            more |= take(reading, part.key());
        }
        if (more) {
            progress(reading, nanos);
        } else if (reading.missing.isEmpty()) {
            complete(reading);
        }
    }

    /** Holds a block if it has come, and this reading has waited for it. */
    private boolean take(Reading reading, BlockKey key) {
        if (!reading.missing.contains(key) || !tier.hold(key, lease)) {
            return false;
        }
        reading.missing.remove(key);
        reading.holding.add(key);
        held.merge(key, 1, Integer::sum);
        return true;
    }

    private void progress(Reading reading, long nanos) {
        renew(reading, nanos);
        int ready = reading.ready();
        if (ready > reading.told) {
            reading.told = ready;
            reading.events.on(new Ready(ready));
        }
        if (reading.missing.isEmpty()) {
            complete(reading);
        }
    }

    private void complete(Reading reading) {
        if (!reading.complete) {
            reading.complete = true;
            read.add(1, reading.missing.isEmpty() ? "whole" : "partly");
            reading.events.on(new AllReady());
        }
    }

    private void heard(Reading reading, TokenEvent happened, long nanos) {
        if (!open.contains(reading)) {
            return;
        }
        switch (happened) {
            case TokenEvent.PromptDone _, TokenEvent.Tokens _, TokenEvent.ChoiceEnded _ -> {}
            case TokenEvent.Ended _ -> {
                reading.computed = true;
                look(reading, nanos);
                renew(reading, nanos);
                if (!reading.complete) {
                    awaitStores(reading);
                }
            }
            case TokenEvent.Failed(var problem) -> lose(reading, problem.message());
            case TokenEvent.Interrupted(var reason, var _) -> lose(reading, reason);
        }
    }

    /** All is computed, and some of it is on its way to the tier, or was not taken. */
    private void awaitStores(Reading reading) {
        worker.cache()
                .orElseThrow()
                .settled(
                        new Completion<>() {
                            @Override
                            public void completed(Void nothing) {
                                mailbox.post(new Event.Settled(reading));
                            }

                            @Override
                            public void failed(Throwable failure) {
                                mailbox.post(new Event.Settled(reading));
                            }
                        });
    }

    /** What is not there now does not come. */
    private void settled(Reading reading, long nanos) {
        if (open.contains(reading) && !reading.complete) {
            look(reading, nanos);
            complete(reading);
            renew(reading, nanos);
        }
    }

    /** Progress: the lease runs from now on. */
    private void renew(Reading reading, long nanos) {
        reading.looks++;
        long after = lease.toNanos();
        int looks = reading.looks;
        reading.alarm.cancel();
        reading.alarm =
                timers.schedule(nanos + after, () -> mailbox.post(new Event.Late(reading, looks)));
    }

    private void late(Reading reading, int looks, long nanos) {
        if (!open.contains(reading) || reading.looks != looks) {
            return;
        }
        if (reading.complete || !reading.holding.isEmpty() || reading.computed) {
            lose(reading, "its lease of " + lease.toMillis() + " ms is over");
        } else {
            // It waits for the engine: nothing is held, and whoever asked decides how long.
            renew(reading, nanos);
        }
    }

    private void lose(Reading reading, String reason) {
        if (open.contains(reading)) {
            end(reading, "lost");
            reading.events.on(new Lost(reason));
        }
    }

    private void end(Reading reading, String outcome) {
        if (!open.remove(reading)) {
            return;
        }
        if (!reading.complete) {
            read.add(1, outcome);
        }
        reading.work.cancel();
        reading.alarm.cancel();
        reading.span.attribute("tokens", reading.request.prompt().length);
        reading.span.attribute("tokens.ready", reading.told);
        if (!reading.complete) {
            reading.span.failed(outcome);
        }
        reading.span.end();
        for (BlockKey key : reading.holding) {
            if (held.merge(key, -1, (now, less) -> now + less == 0 ? null : now + less) == null) {
                tier.hold(key, Duration.ZERO);
            }
        }
        reading.holding.clear();
        for (Part part : reading.parts) {
            if (open.stream().noneMatch(other -> other.missing.contains(part.key()))) {
                awaited.remove(part.key());
            }
        }
    }

    /** Blocks that are held now. */
    int holds() {
        return holds;
    }

    /** A prompt that is read. */
    private static final class Reading {

        private final GenerationRequest request;
        private final PromptListener events;
        private final Set<BlockKey> missing = new LinkedHashSet<>();
        private final Set<BlockKey> holding = new LinkedHashSet<>();
        private List<Part> parts = List.of();
        private Timers.Cancellation work = () -> {};
        private Timers.Cancellation alarm = () -> {};
        private Telemetry.Span span;
        private int front;
        private int ready;
        private int told;
        private int looks;
        private boolean computed;
        private boolean complete;

        Reading(GenerationRequest request, PromptListener events) {
            this.request = request;
            this.events = events;
        }

        /** Tokens up to where the first block is missing. */
        int ready() {
            while (front < parts.size() && !missing.contains(parts.get(front).key())) {
                ready = parts.get(front++).end();
            }
            // Where another group's block of the same end is missing, that end is not reached.
            return front < parts.size() ? Math.min(ready, parts.get(front).end() - 1) : ready;
        }
    }

    private sealed interface Event {

        record Asked(Reading reading) implements Event {}

        /** Empty = it could not be found out. */
        record Known(Reading reading, Optional<PromptBlocks> blocks) implements Event {}

        record Changed(BlockKey key) implements Event {}

        record Heard(Reading reading, TokenEvent event) implements Event {}

        /** Every block that could come to the tier is there. */
        record Settled(Reading reading) implements Event {}

        record Late(Reading reading, int looks) implements Event {}

        record Left(Reading reading) implements Event {}

        record Closed() implements Event {}
    }
}
