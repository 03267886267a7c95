package dev.cairn.core.split;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.split.PromptBlockList.Part;
import dev.cairn.core.split.PromptPull.Piece;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.engine.PromptReader.PromptEvent;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A worker that lets others read prompts for it, where a request names who: blocks are pulled into
 * this worker's fastest tier while the other one makes them, verified by the transport, and the
 * request goes to the worker's scheduler when all are here, or when no more will come. Whatever the
 * other side does (refuses, dies, stalls, lies) costs the time until it is noticed, and computing
 * what did not come.
 *
 * <p>Threads: any, as the port says; decisions are made in the turns of a mailbox. Until a request
 * is handed to the scheduler its events come from there, afterwards from the scheduler's thread.
 */
public final class SplitBackend implements GenerationBackend {

    private final GenerationBackend worker;
    private final RunnerDescription runner;
    private final BlockTier tier;
    private final BlockTransport transport;
    private final MemoryLease.Source staging;
    private final PromptReader.Directory readers;
    private final Duration patience;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final Telemetry telemetry;
    private final Telemetry.Counter prompts;
    private final Telemetry.Counter blocks;
    private final Set<PromptPull> open = new LinkedHashSet<>();
    private final HandBack handBack;
    private int holds;
    private volatile int waiting;
    private volatile int held;
    private volatile boolean closed;

    /**
     * @param worker that answers
     * @param runner its engine
     * @param tier that it looks for blocks in
     * @param staging for blocks on their way, used by nothing else
     * @param readers of prompts
     * @param patience without progress, after which a reader is given up
     * @param handBack gets what was answered, for the reader's next turn
     */
    public SplitBackend(
            GenerationBackend worker,
            RunnerDescription runner,
            BlockTier tier,
            BlockTransport transport,
            MemoryLease.Source staging,
            PromptReader.Directory readers,
            Duration patience,
            HandBack handBack,
            MailboxDriver driver,
            Timers timers,
            Telemetry telemetry) {
        this.worker = worker;
        this.runner = runner;
        this.tier = tier;
        this.transport = transport;
        this.staging = staging;
        this.readers = readers;
        this.patience = patience;
        this.handBack = handBack;
        this.timers = timers;
        this.telemetry = telemetry;
        this.mailbox = driver.open("split-" + worker.description().name(), this::turn);
        this.prompts =
                telemetry.counter(
                        "cairn:split_prompts_total",
                        "Prompts that another worker was to read, by what came of it",
                        List.of("outcome"));
        this.blocks =
                telemetry.counter(
                        "cairn:split_blocks_total",
                        "Blocks pulled from readers of prompts, by outcome",
                        List.of("outcome"));
        Map<String, String> labels = Map.of("model_name", worker.description().model());
        telemetry.gauge(
                "cairn:split_live_prompts",
                "Prompts that another worker reads now for this one",
                labels,
                () -> waiting);
        telemetry.gauge(
                "cairn:split_held_blocks",
                "Blocks that came for prompts which are not in the device yet",
                labels,
                () -> held);
    }

    /**
     * Takes a request's prompt and answer when it has ended, to be handed to who read the prompt.
     */
    public interface HandBack {

        /** Nothing is handed back. */
        HandBack NONE = (_, _) -> {};

        /**
         * @param tokens prompt and answer of the first choice
         */
        void answered(GenerationRequest request, int[] tokens);
    }

    @Override
    public BackendDescription description() {
        return worker.description();
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        // Who wants to know the prompt's log-probabilities computes all of it.
        if (request.prefillAt().isEmpty() || request.promptLogprobs() >= 0 || closed) {
            return worker.generate(request, events);
        }
        var pull = new PromptPull(request.settled(runner.firstFormPositions()), events);
        mailbox.post(new Event.Asked(pull));
        return () -> mailbox.post(new Event.Cancelled(pull));
    }

    @Override
    public Optional<String> unreadyBecause() {
        return worker.unreadyBecause();
    }

    /** The worker's, where prompts that are read elsewhere wait, too. */
    @Override
    public LoadReport load() {
        LoadReport load = worker.load();
        return new LoadReport(
                load.running(),
                load.waiting() + waiting,
                load.usedBlocks(),
                load.totalBlocks(),
                load.waitingPrefillTokens());
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return worker.sleeper();
    }

    @Override
    public Optional<CacheControl> cache() {
        return worker.cache();
    }

    /** Hands what waits for prompts to the worker as it is; the worker stays its owner's. */
    @Override
    public void close() {
        closed = true;
        mailbox.post(new Event.Closed());
        mailbox.close();
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Asked(var pull) -> begin(pull, nanos);
            case Event.Known(var pull, var found) -> known(pull, found, nanos);
            case Event.Heard(var pull, var happened) -> heard(pull, happened, nanos);
            case Event.Pulled(var pull, var piece, var outcome) ->
                    pulled(pull, piece, outcome, nanos);
            case Event.Stored(var pull, var piece, var outcome) ->
                    stored(pull, piece, outcome, nanos);
            case Event.Late(var pull, var progress) -> late(pull, progress);
            case Event.Cancelled(var pull) -> cancelled(pull);
            case Event.Settled(var pull) -> release(pull);
            case Event.Closed() -> List.copyOf(open).forEach(pull -> handOver(pull, "closed"));
        }
        pullOn();
        waiting = open.size();
        held = holds;
    }

    private void begin(PromptPull pull, long nanos) {
        open.add(pull);
        pull.span = telemetry.span("pull prompt", pull.request.trace());
        renew(pull, nanos);
        PromptBlockList.find(
                worker, pull.request, found -> mailbox.post(new Event.Known(pull, found)));
    }

    private void known(PromptPull pull, Optional<PromptBlocks> found, long nanos) {
        if (!open.contains(pull)) {
            return;
        }
        for (Part part :
                found.map(all -> PromptBlockList.of(all, runner)).orElse(List.<Part>of())) {
            if (part.places().contains(tier.name()) && tier.hold(part.key(), patience)) {
                holds += pull.holds.add(part.key()) ? 1 : 0;
            } else if (!part.places().contains(CacheControl.DEVICE)) {
                pull.pieces.add(new Piece(part));
            }
        }
        if (pull.pieces.isEmpty()) {
            handOver(pull, "here");
            return;
        }
        pull.reading =
                readers.at(pull.request.prefillAt().orElseThrow())
                        .read(
                                pull.request.traced(pull.span.context()),
                                happened -> mailbox.post(new Event.Heard(pull, happened)));
        renew(pull, nanos);
    }

    private void heard(PromptPull pull, PromptEvent happened, long nanos) {
        if (!open.contains(pull)) {
            return;
        }
        switch (happened) {
            case PromptReader.Offered(var address) -> {
                pull.address = address;
                renew(pull, nanos);
            }
            case PromptReader.Ready(int tokens) -> {
                if (tokens > pull.ready) {
                    pull.ready = tokens;
                    renew(pull, nanos);
                }
            }
            case PromptReader.AllReady() -> {
                pull.noMore = true;
                endIfDone(pull, nanos);
            }
            case PromptReader.Lost(var reason) -> {
                pull.trouble = reason;
                pull.noMore = true;
                endIfDone(pull, nanos);
            }
        }
    }

    /** Asks for what is ready, as far as memory goes; requests in the order of their coming. */
    private void pullOn() {
        for (PromptPull pull : List.copyOf(open)) {
            List<Piece> batch = new ArrayList<>();
            boolean room = true;
            while (room && pull.mayPull()) {
                Piece piece = pull.pieces.get(pull.next);
                piece.lease = staging.tryLease(piece.part.bytes());
                room = piece.lease != null;
                if (room) {
                    batch.add(piece);
                    pull.next++;
                    pull.underWay++;
                } else if (staging.available() == staging.capacity()) {
                    // It will never fit.
                    pull.hole = true;
                }
            }
            if (!batch.isEmpty()) {
                pull.travels(telemetry);
                pull.pulls.add(
                        transport.pull(
                                pull.address,
                                batch.stream().map(Piece::reading).toList(),
                                (block, outcome) ->
                                        mailbox.post(
                                                new Event.Pulled(
                                                        pull, batch.get(block), outcome))));
            }
            if (!room) {
                return;
            }
        }
    }

    private void pulled(PromptPull pull, Piece piece, GetOutcome outcome, long nanos) {
        blocks.add(1, outcome.name().toLowerCase(Locale.ROOT));
        if (outcome == GetOutcome.FOUND && !pull.gone) {
            tier.put(
                    List.of(piece.writing(pull.request.tenant())),
                    (_, stored) -> mailbox.post(new Event.Stored(pull, piece, stored)));
            return;
        }
        piece.lease.close();
        pull.underWay--;
        // What comes after a block that is not there is of no use.
        pull.hole = true;
        endIfDone(pull, nanos);
    }

    private void stored(PromptPull pull, Piece piece, PutOutcome outcome, long nanos) {
        piece.lease.close();
        pull.underWay--;
        boolean here = outcome == PutOutcome.STORED || outcome == PutOutcome.PRESENT;
        if (pull.gone) {
            return;
        }
        if (here && tier.hold(piece.part.key(), patience)) {
            holds += pull.holds.add(piece.part.key()) ? 1 : 0;
            pull.brought++;
        } else {
            pull.hole = true;
        }
        if (open.contains(pull)) {
            renew(pull, nanos);
            endIfDone(pull, nanos);
        }
    }

    private void endIfDone(PromptPull pull, long nanos) {
        if (!open.contains(pull) || pull.underWay > 0) {
            return;
        }
        if (pull.brought == pull.pieces.size()) {
            handOver(pull, "whole");
        } else if (pull.hole || (pull.noMore && !pull.mayPull())) {
            handOver(pull, pull.brought > 0 ? "partly" : "lost");
        } else {
            renew(pull, nanos);
        }
    }

    /** There was progress: whoever reads has as long again. */
    private void renew(PromptPull pull, long nanos) {
        int progress = ++pull.progress;
        pull.alarm.cancel();
        pull.alarm =
                timers.schedule(
                        nanos + patience.toNanos(),
                        () -> mailbox.post(new Event.Late(pull, progress)));
    }

    private void late(PromptPull pull, int progress) {
        if (open.contains(pull) && pull.progress == progress) {
            pull.trouble = "no progress in " + patience.toMillis() + " ms";
            handOver(pull, "late");
        }
    }

    /** The worker goes on with what is here. */
    private void handOver(PromptPull pull, String outcome) {
        if (!leave(pull, outcome)) {
            return;
        }
        pull.answer = telemetry.span("decode", pull.request.trace());
        pull.work =
                worker.generate(
                        pull.request.traced(pull.answer.context()),
                        pull.listener(this::settled, handBack::answered));
    }

    private void settled(PromptPull pull) {
        mailbox.post(new Event.Settled(pull));
    }

    private boolean leave(PromptPull pull, String outcome) {
        if (!open.remove(pull)) {
            return false;
        }
        prompts.add(1, outcome);
        pull.alarm.cancel();
        pull.reading.cancel();
        if (pull.underWay > 0) {
            pull.pulls.forEach(Timers.Cancellation::cancel);
        }
        pull.pulls.clear();
        pull.end(outcome);
        return true;
    }

    private void cancelled(PromptPull pull) {
        if (leave(pull, "cancelled")) {
            pull.gone = true;
            release(pull);
            pull.events.on(
                    new TokenEvent.Failed(
                            RequestProblem.of(
                                    Category.CANCELLED,
                                    "request_cancelled",
                                    "the request was cancelled")));
        } else {
            pull.work.cancel();
        }
    }

    /** The prompt lies in the device, or is not wanted: what was held for it may go. */
    private void release(PromptPull pull) {
        pull.gone = true;
        for (BlockKey key : pull.holds) {
            if (open.stream().noneMatch(other -> other.holds.contains(key))) {
                tier.hold(key, Duration.ZERO);
            }
        }
        holds -= pull.holds.size();
        pull.holds.clear();
    }

    private sealed interface Event {

        record Asked(PromptPull pull) implements Event {}

        /** Empty = it could not be found out. */
        record Known(PromptPull pull, Optional<PromptBlocks> found) implements Event {}

        record Heard(PromptPull pull, PromptEvent event) implements Event {}

        record Pulled(PromptPull pull, Piece piece, GetOutcome outcome) implements Event {}

        record Stored(PromptPull pull, Piece piece, PutOutcome outcome) implements Event {}

        record Late(PromptPull pull, int progress) implements Event {}

        record Cancelled(PromptPull pull) implements Event {}

        /** The scheduler has computed the prompt, or will not. */
        record Settled(PromptPull pull) implements Event {}

        record Closed() implements Event {}
    }
}
