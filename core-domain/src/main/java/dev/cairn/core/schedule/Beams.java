package dev.cairn.core.schedule;

import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.StopConditions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The beam search of one request, step by step as Hugging Face transformers 5 does it ({@code
 * GenerationMixin._beam_search}), in float32 as there.
 *
 * <p>Each step takes the {@link #outlook} likeliest continuations over all running beams. Those of
 * the first {@code width} that end are hypotheses, scored by {@code log-probability / length ^
 * penalty}; the first {@code width} that do not end run on. The search is over at the budget, when
 * {@code width} hypotheses are complete and early stopping is wanted, or when the best running beam
 * at its present length would not beat the worst of {@code width} hypotheses. Ties go to the better
 * beam, then to the lower id.
 *
 * <p>Beams may report in different steps: one that was preempted comes later, and the others wait.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Beams {

    /**
     * A beam that goes on.
     *
     * @param parent whose tokens it begins with
     * @param token that follows them
     * @param score log-probability of the answer so far
     */
    record Continuation(Beam parent, GeneratedToken token, float score) {}

    /** A complete answer and what ended it. */
    record Hypothesis(Link last, float score, StopCause cause) {

        /** The answer's tokens, in order. */
        List<GeneratedToken> tokens() {
            List<GeneratedToken> tokens = new ArrayList<>(last.length);
            for (Link link = last; link != null; link = link.before) {
                tokens.add(link.token);
            }
            return tokens.reversed();
        }
    }

    /** The last token of an answer; beams share the links before it. */
    record Link(Link before, GeneratedToken token, int length) {

        static Link after(Link before, GeneratedToken token) {
            return new Link(before, token, before == null ? 1 : before.length + 1);
        }
    }

    /** A running answer. */
    static final class Beam {

        private final Sequence sequence;
        private final Link last;
        private final float score;
        private TokenChoice next;

        private Beam(Sequence sequence, Link last, float score) {
            this.sequence = sequence;
            this.last = last;
            this.score = score;
        }

        Sequence sequence() {
            return sequence;
        }
    }

    private final BeamSearch settings;
    private final StopConditions stop;
    private final int reported;
    private final int outlook;
    private final int endings;
    private final List<Hypothesis> hypotheses = new ArrayList<>();

    private List<Beam> running = new ArrayList<>();
    private int missing;
    private int length;
    private int beamsMade = 1;

    Beams(GenerationRequest request) {
        settings = request.beams().orElseThrow();
        stop = request.stop();
        reported = request.topLogprobs();
        endings = endings(stop);
        outlook = outlook(settings, stop);
    }

    /** Continuations that a step looks at: enough that {@code width} of them do not end. */
    static int outlook(BeamSearch settings, StopConditions stop) {
        return Math.max(2, 1 + endings(stop)) * settings.width();
    }

    private static int endings(StopConditions stop) {
        long extra =
                stop.tokenIds().stream()
                        .distinct()
                        .filter(id -> !stop.endOfSequenceIds().contains(id))
                        .count();
        return (int) (stop.endOfSequenceIds().stream().distinct().count() + extra);
    }

    int width() {
        return settings.width();
    }

    /** Likeliest tokens that every beam has to report; those that may not come yet are spared. */
    int topLogprobs() {
        return Math.max(reported, outlook + (length < stop.minTokens() ? endings : 0));
    }

    /** A number for another beam, higher than those before. */
    int nextNumber() {
        return beamsMade++;
    }

    /** The search begins with the prompt. */
    void begin(Sequence prompt) {
        running.add(new Beam(prompt, null, 0));
        missing = 1;
    }

    /**
     * A beam's continuations are known.
     *
     * @return whether those of all beams are
     */
    boolean report(Sequence sequence, TokenChoice next) {
        for (Beam beam : running) {
            if (beam.sequence == sequence && beam.next == null) {
                beam.next = next;
                missing--;
            }
        }
        return missing == 0;
    }

    /**
     * Chooses among the continuations of all beams.
     *
     * @param maxTokens most tokens of an answer
     * @return the beams that go on, best first; empty if the search is over
     */
    List<Continuation> select(int maxTokens) {
        length++;
        boolean spent = length >= maxTokens;
        List<Continuation> going = new ArrayList<>(settings.width());
        int[] heads = new int[running.size()];
        for (int rank = 0; rank < outlook; rank++) {
            int best = best(heads);
            if (best < 0) {
                break;
            }
            Beam parent = running.get(best);
            int at = heads[best]++;
            int id = parent.next.topIds()[at];
            float score = parent.score + parent.next.topLogprobs()[at];
            StopCause cause = causeOf(id, spent);
            if (cause == null && going.size() < settings.width()) {
                going.add(new Continuation(parent, token(parent.next, at), score));
            } else if (cause != null && rank < settings.width()) {
                complete(Link.after(parent.last, token(parent.next, at)), score, cause);
            }
        }
        return going.isEmpty() || isOver(going.getFirst().score()) ? List.of() : going;
    }

    /** The beam whose next continuation is the likeliest, or -1. */
    private int best(int[] heads) {
        int best = -1;
        float highest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < heads.length; i++) {
            Beam beam = running.get(i);
            heads[i] = skipForbidden(beam.next, heads[i]);
            if (heads[i] < beam.next.topIds().length) {
                float score = beam.score + beam.next.topLogprobs()[heads[i]];
                if (best < 0 || score > highest) {
                    best = i;
                    highest = score;
                }
            }
        }
        return best;
    }

    /** No answer ends before {@code min_tokens}. */
    private int skipForbidden(TokenChoice next, int from) {
        int at = from;
        while (length <= stop.minTokens() && at < next.topIds().length && ends(next.topIds()[at])) {
            at++;
        }
        return at;
    }

    private boolean ends(int id) {
        return stop.endOfSequenceIds().contains(id) || stop.tokenIds().contains(id);
    }

    private StopCause causeOf(int id, boolean spent) {
        if (stop.endOfSequenceIds().contains(id)) {
            return new StopCause.EndOfSequence();
        }
        if (stop.tokenIds().contains(id)) {
            return new StopCause.StopToken(id);
        }
        return spent ? new StopCause.Budget() : null;
    }

    private void complete(Link last, float sum, StopCause cause) {
        float score = normalised(sum);
        int at = hypotheses.size();
        while (at > 0 && hypotheses.get(at - 1).score() < score) {
            at--;
        }
        hypotheses.add(at, new Hypothesis(last, score, cause));
        if (hypotheses.size() > settings.width()) {
            hypotheses.removeLast();
        }
    }

    private float normalised(float score) {
        return score / (float) Math.pow(length, settings.lengthPenalty());
    }

    private boolean isOver(float bestRunning) {
        if (hypotheses.size() < settings.width()) {
            return false;
        }
        // One beam is a greedy answer: its first end is the end.
        return settings.earlyStopping()
                || settings.width() == 1
                || normalised(bestRunning) <= hypotheses.getLast().score();
    }

    /** The token at a place of a beam's likeliest ones, with as many others as the client wants. */
    private GeneratedToken token(TokenChoice next, int at) {
        float[] logprobs = next.topLogprobs();
        int rank = at;
        while (rank > 0 && logprobs[rank - 1] == logprobs[at]) {
            rank--;
        }
        int top = Math.clamp(reported, 0, logprobs.length);
        return new GeneratedToken(
                next.topIds()[at],
                reported < 0 ? Float.NaN : logprobs[at],
                reported < 0 ? 0 : rank + 1,
                Arrays.copyOf(next.topIds(), top),
                Arrays.copyOf(logprobs, top));
    }

    /** The beams of the next step, in the order of {@link #select}. */
    void goOn(List<Continuation> chosen, List<Sequence> sequences) {
        List<Beam> next = new ArrayList<>(chosen.size());
        for (int i = 0; i < chosen.size(); i++) {
            Continuation continuation = chosen.get(i);
            Link last = Link.after(continuation.parent().last, continuation.token());
            next.add(new Beam(sequences.get(i), last, continuation.score()));
        }
        running = next;
        missing = next.size();
    }

    /** Complete answers, best first; at most {@code width}. */
    List<Hypothesis> hypotheses() {
        return hypotheses;
    }
}
