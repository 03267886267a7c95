package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.schedule.Beams.Continuation;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Carries a beam search on from one step to the next: beams that nothing follows give their blocks
 * back, one that goes on in several ways is forked, its full blocks shared and its last one copied.
 *
 * <p>Threads: one mailbox owns it.
 */
final class BeamStep {

    private final RunnerDescription runner;
    private final PrefixCache cache;
    private final StepPlanner planner;
    private final WaitingQueue waiting;
    private final Consumer<Sequence> release;

    /**
     * @param release ends a sequence and gives back what it holds
     */
    BeamStep(
            RunnerDescription runner,
            PrefixCache cache,
            StepPlanner planner,
            WaitingQueue waiting,
            Consumer<Sequence> release) {
        this.runner = runner;
        this.cache = cache;
        this.planner = planner;
        this.waiting = waiting;
        this.release = release;
    }

    /** Why the engine cannot search as a request asks, if it cannot. */
    Optional<RequestProblem> refusal(GenerationRequest request) {
        if (request.beams().isEmpty()) {
            return Optional.empty();
        }
        int width = request.beams().get().width();
        int outlook = Beams.outlook(request.beams().get(), request.stop());
        int most = runner.vocabularySize() * width / outlook;
        if (width >= request.choices() && width <= most) {
            return Optional.empty();
        }
        return Optional.of(
                RequestProblem.invalid(
                        "n",
                        "n, or best_of, the number of beams, must be at least that of answers and at"
                                + " most "
                                + most
                                + " with this vocabulary, got "
                                + width));
    }

    /**
     * All beams of a request have reported: chooses who goes on.
     *
     * @param maxTokens most tokens of an answer
     * @return whether the search is over
     */
    boolean advance(LiveRequest request, int maxTokens, long nanos) {
        List<Continuation> chosen = request.beams().select(maxTokens);
        List<Sequence> before = List.copyOf(request.sequences());
        request.sequences().clear();
        for (Sequence beam : before) {
            if (goesOn(beam, chosen)) {
                request.sequences().add(beam);
            } else {
                release.accept(beam);
            }
        }
        if (chosen.isEmpty()) {
            return true;
        }
        request.beams().goOn(chosen, continued(request, chosen, nanos));
        return false;
    }

    private static boolean goesOn(Sequence beam, List<Continuation> chosen) {
        for (Continuation continuation : chosen) {
            if (continuation.parent().sequence() == beam) {
                return true;
            }
        }
        return false;
    }

    /** Sequences of the continuations: a beam's first is itself, the others are forks of it. */
    private List<Sequence> continued(LiveRequest request, List<Continuation> chosen, long nanos) {
        List<Sequence> sequences = new ArrayList<>(chosen.size());
        for (int i = 0; i < chosen.size(); i++) {
            Sequence parent = chosen.get(i).parent().sequence();
            sequences.add(isFirst(chosen, i) ? parent : fork(parent, chosen.get(i), nanos));
        }
        // A beam is forked before it grows.
        for (int i = 0; i < chosen.size(); i++) {
            Sequence sequence = sequences.get(i);
            if (sequence == chosen.get(i).parent().sequence()) {
                extend(sequence, chosen.get(i).token().id());
            } else {
                request.sequences().add(sequence);
            }
        }
        return sequences;
    }

    private static boolean isFirst(List<Continuation> chosen, int index) {
        for (int i = 0; i < index; i++) {
            if (chosen.get(i).parent() == chosen.get(index).parent()) {
                return false;
            }
        }
        return true;
    }

    private Sequence fork(Sequence parent, Continuation continuation, long nanos) {
        LiveRequest request = parent.live();
        Sequence child =
                new Sequence(
                        parent,
                        request.beams().nextNumber(),
                        continuation.token().id(),
                        runner.vocabularySize(),
                        cache.newPrefix(request.request()));
        planner.fork(parent, child, parent.computed(), nanos);
        return child;
    }

    /**
     * Gives a beam the token that was chosen for it; one that was preempted meanwhile waits to be
     * computed anew.
     */
    private void extend(Sequence beam, int token) {
        boolean waits = waiting.remove(beam);
        beam.extend(token);
        if (waits) {
            waiting.add(beam);
        }
    }
}
