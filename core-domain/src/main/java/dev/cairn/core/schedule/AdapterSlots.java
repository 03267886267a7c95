package dev.cairn.core.schedule;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which LoRA adapters the engine holds: loaded when a request comes to its turn, and kept until
 * another one needs the slot of the one that was used longest ago. What a running sequence uses
 * stays.
 *
 * <p>Asked only while no step is in flight. Threads: one mailbox owns it.
 */
final class AdapterSlots {

    private enum State {
        EMPTY,
        LOADING,
        LOADED
    }

    private static final class Slot {

        private State state = State.EMPTY;
        private String digest = "";
        private long lastUse;
    }

    /** Steps for which others may overtake whoever waits for a slot. */
    private static final int PATIENCE = 64;

    private final AdapterSupply supply;
    private final RunningSet running;
    private final List<Command> commands;
    private final List<Slot> slots = new ArrayList<>();
    private long uses;
    private boolean somebodyWaits;
    private int waitedPasses;

    /**
     * @param commands where loading is asked for
     */
    AdapterSlots(AdapterSupply supply, RunningSet running, List<Command> commands) {
        this.supply = supply;
        this.running = running;
        this.commands = commands;
        for (int i = 0; i < supply.mostLoaded(); i++) {
            slots.add(new Slot());
        }
    }

    /** Why a request's adapter is not served here; empty if it is, or if there is none. */
    Optional<RequestProblem> refusal(GenerationRequest request) {
        AdapterChoice adapter = request.adapter();
        if (!adapter.isPresent()) {
            return Optional.empty();
        }
        if (slots.isEmpty()) {
            return Optional.of(
                    RequestProblem.of(
                            Category.NOT_SERVED,
                            "adapters_not_served",
                            "this engine serves no LoRA adapters; cairn.lora.max-loaded says how"
                                    + " many it may hold"));
        }
        return supply.find().apply(adapter.digest()).isPresent()
                ? Optional.empty()
                : Optional.of(unknown(adapter));
    }

    private static RequestProblem unknown(AdapterChoice adapter) {
        return RequestProblem.of(
                Category.UNAVAILABLE,
                "adapter_not_known",
                "the LoRA adapter " + adapter.name() + " is not known here (any more)");
    }

    /** A new round of choosing who begins, best-ranked first. */
    void beginPass() {
        waitedPasses = somebodyWaits ? waitedPasses + 1 : 0;
        somebodyWaits = false;
    }

    /**
     * Whether a sequence may begin as far as its adapter goes; if not, its adapter is on its way or
     * waits for a slot. Others whose adapters are loaded may overtake it, but not for long: then
     * they wait behind it, so that those which run come to an end and a slot is free.
     */
    boolean mayBegin(Sequence sequence) {
        AdapterChoice adapter = sequence.live().request().adapter();
        if (!adapter.isPresent()) {
            return true;
        }
        if (somebodyWaits && waitedPasses > PATIENCE) {
            return false;
        }
        int held = indexOf(adapter.digest());
        if (held >= 0) {
            Slot slot = slots.get(held);
            slot.lastUse = ++uses;
            sequence.live().adapterIn(held);
            return slot.state == State.LOADED;
        }
        int free = leastUsed();
        Optional<AdapterArtifact> artifact = supply.find().apply(adapter.digest());
        if (free < 0) {
            somebodyWaits = true;
        } else if (artifact.isPresent()) {
            Slot slot = slots.get(free);
            slot.state = State.LOADING;
            slot.digest = adapter.digest();
            slot.lastUse = ++uses;
            commands.add(new Command.LoadAdapter(free, artifact.get()));
        } else {
            // It was unloaded while the request waited, which the next turn tells.
            commands.add(new Command.MissAdapter(adapter.digest()));
        }
        return false;
    }

    private int indexOf(String digest) {
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).state != State.EMPTY && slots.get(i).digest.equals(digest)) {
                return i;
            }
        }
        return -1;
    }

    /** A slot that nobody uses; -1 if all are in use. */
    private int leastUsed() {
        int least = -1;
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            boolean earlier = least < 0 || slot.lastUse < slots.get(least).lastUse;
            if (slot.state != State.LOADING && earlier && !isUsed(slot)) {
                least = i;
            }
        }
        return least;
    }

    private boolean isUsed(Slot slot) {
        for (int i = 0; i < running.size() && slot.state == State.LOADED; i++) {
            if (running.get(i).live().request().adapter().digest().equals(slot.digest)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Hears what became of a load.
     *
     * @param live requests, waiting and running
     * @return those that cannot be served for it, and why
     */
    Map<LiveRequest, RequestProblem> on(AdapterNews news, Collection<LiveRequest> live) {
        return switch (news) {
            case AdapterNews.Loaded(var slot) -> {
                slots.get(slot).state = State.LOADED;
                yield Map.of();
            }
            case AdapterNews.Failed(var slot, var failure) -> {
                Slot failed = slots.get(slot);
                failed.state = State.EMPTY;
                failed.lastUse = 0;
                yield without(failed.digest, live, adapter -> unloadable(adapter, failure));
            }
            case AdapterNews.Missed(var digest) -> without(digest, live, AdapterSlots::unknown);
        };
    }

    private static Map<LiveRequest, RequestProblem> without(
            String digest,
            Collection<LiveRequest> live,
            Function<AdapterChoice, RequestProblem> problem) {
        Map<LiveRequest, RequestProblem> failing = new LinkedHashMap<>();
        for (LiveRequest request : live) {
            AdapterChoice adapter = request.request().adapter();
            if (adapter.digest().equals(digest)) {
                failing.put(request, problem.apply(adapter));
            }
        }
        return failing;
    }

    private static RequestProblem unloadable(AdapterChoice adapter, Throwable failure) {
        return RequestProblem.of(
                Category.INTERNAL,
                "adapter_failed",
                "the LoRA adapter "
                        + adapter.name()
                        + " could not be loaded: "
                        + failure.getMessage());
    }
}
