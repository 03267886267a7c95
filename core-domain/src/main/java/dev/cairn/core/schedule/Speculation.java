package dev.cairn.core.schedule;

import dev.cairn.core.speculate.Acceptance;
import dev.cairn.core.speculate.DraftCosts;
import dev.cairn.core.speculate.DraftWidths;
import dev.cairn.core.speculate.Proposer;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.engine.TokenChoice;
import java.util.Arrays;
import java.util.List;

/**
 * Puts guesses behind the last tokens of answers, and takes those that hold.
 *
 * <p>Guesses are computed like tokens, and the token behind each is chosen in the same step, by its
 * own position's noise, masks and penalties. A guess holds if it is the token that was chosen at
 * its place; what was chosen behind the first that does not hold was chosen after something that
 * was not said, and is forgotten. So every token that is kept is the one that would have been
 * chosen without guesses. Keys and values of guesses that did not hold are written over, and no
 * block is known to the cache before its tokens are certain.
 *
 * <p>Nothing is guessed while prompts are read: they take what arithmetic the engine has.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Speculation {

    private static final double FIRST_RATE = 0.5;
    private static final double RATE_WEIGHT = 0.05;
    private static final double LEAST_RATE = 0.02;

    private final SpeculationSettings settings;
    private final DraftCosts costs = new DraftCosts();
    private final DraftWidths widths = new DraftWidths();

    /** By entry of the step that is planned: its guesses, and its index in the widths. */
    private int[] offered = new int[8];

    private int[] offer = new int[8];

    /** Whether its guesses are only tried. */
    private boolean[] tried = new boolean[8];

    /** Of sequences of which nothing is known. */
    private double rate = FIRST_RATE;

    /** What making the guesses of the step that is planned took. */
    private long draftNanos;

    private long proposed;
    private long accepted;
    private long drafts;

    Speculation(SpeculationSettings settings) {
        this.settings = settings;
    }

    /** Guesses computed so far. */
    long proposed() {
        return proposed;
    }

    /** Guesses that held so far. */
    long accepted() {
        return accepted;
    }

    /** Times that a sequence had guesses in a step so far. */
    long drafts() {
        return drafts;
    }

    /**
     * Adds guesses to a step of answers alone.
     *
     * @param scarce whether guesses are to take no block that others may need
     */
    void extend(StepPlan plan, boolean scarce) {
        int answers = plan.entries().size();
        if (!settings.isOn() || answers == 0 || plan.guessRoom() <= 0) {
            return;
        }
        if (costs.isPlainDue(answers) || !costs.couldPay(answers, settings.mostTokens())) {
            return;
        }
        offer(plan, scarce);
        widths.choose(costs, answers, plan.guessRoom());
        for (int i = 0; i < answers; i++) {
            if (offered[i] > 0) {
                add(plan, i);
            }
        }
    }

    private void offer(StepPlan plan, boolean scarce) {
        List<StepPlan.Entry> entries = plan.entries();
        if (offered.length < entries.size()) {
            offered = new int[2 * entries.size()];
            offer = new int[offered.length];
            tried = new boolean[offered.length];
        }
        Arrays.fill(offered, 0);
        widths.begin();
        for (int i = 0; i < entries.size(); i++) {
            Sequence sequence = entries.get(i).sequence();
            int most = most(plan, entries.get(i), scarce);
            if (most <= 0) {
                continue;
            }
            Guesses guesses = sequence.guesses();
            if (guesses == null && settings.source() != null) {
                guesses = begin(sequence, settings.source().begin());
            }
            if (guesses == null) {
                continue;
            }
            tried[i] = !isDrafted() && !costs.isWorth(entries.size(), guesses.acceptance().rate());
            if (tried[i] && !guesses.acceptance().probes()) {
                // Not even looked up: on a small model that alone would be felt.
                continue;
            }
            offered[i] = sequence.guess(tried[i] ? Math.min(most, Acceptance.PROBE) : most);
            if (offered[i] > 0) {
                offer[i] = widths.offer(guesses.acceptance().rate(), offered[i]);
            }
        }
    }

    /** Whether guesses are made before a step is planned, where they may pay. */
    private boolean isDrafted() {
        return settings.draft() != null;
    }

    /** How a sequence is guessed from now on. */
    Guesses begin(Sequence sequence, Proposer proposer) {
        Guesses guesses = new Guesses(proposer, new Acceptance(rate));
        sequence.guessedBy(guesses);
        return guesses;
    }

    /** Making the guesses of the next step took so long. */
    void draftTook(long nanos) {
        draftNanos = nanos;
    }

    DraftCosts costs() {
        return costs;
    }

    private int most(StepPlan plan, StepPlan.Entry entry, boolean scarce) {
        Sequence sequence = entry.sequence();
        if (entry.count() != sequence.remaining() || sequence.standing().failures().isSuspect()) {
            return 0;
        }
        int end = sequence.computed() + entry.count();
        int room = scarce ? sequence.blocks().capacity() : sequence.blocks().reachable();
        return Math.min(
                Math.min(settings.mostTokens(), plan.guessRoom()),
                Math.min(sequence.mostGuesses(), room - end));
    }

    private void add(StepPlan plan, int index) {
        Sequence sequence = plan.entries().get(index).sequence();
        int width = widths.width(offer[index]);
        if (width == 0 && (isDrafted() || tried[index])) {
            width = Math.min(Acceptance.PROBE, offered[index]);
        }
        width = Math.min(width, plan.guessRoom());
        int end = sequence.computed() + plan.entries().get(index).count();
        if (width > 0 && sequence.blocks().extendTo(end + width)) {
            plan.guess(index, width);
        }
    }

    /**
     * Takes the token that was chosen, and those behind it as far as guesses hold, which then are
     * computed.
     *
     * @param chosen the first
     */
    void take(StepPlan plan, StepPlan.Entry entry, StepRows rows, TokenChoice chosen) {
        Sequence sequence = entry.sequence();
        int from = sequence.length();
        int held = 0;
        TokenChoice next = chosen;
        while (next != null) {
            sequence.take(LiveRequest.generated(next));
            int before = held;
            held = sequence.isComplete() ? held : sequence.held(from, entry.guesses());
            // A format may have forced more than was guessed: that is not computed yet.
            boolean more = held > before && held == sequence.length() - from;
            next = more ? rows.behind(held) : null;
        }
        // Where nothing was chosen behind the last guess, that one is computed again, for its row.
        sequence.advance(Math.min(held, sequence.length() - from - 1));
        if (entry.guesses() > 0) {
            learn(plan, entry, held);
        }
    }

    private void learn(StepPlan plan, StepPlan.Entry entry, int held) {
        int answers = plan.entries().size();
        double plain = costs.plainNanos(answers);
        double drafted = plain > 0 ? draftNanos / plain : 0;
        double took = costs.ratio(answers, plan.guesses()) - 1 + drafted;
        double extra = answers * took / plan.guesses();
        Acceptance acceptance = entry.sequence().guesses().acceptance();
        acceptance.saw(entry.guesses(), held, extra * entry.guesses());
        rate = Math.max(LEAST_RATE, rate + RATE_WEIGHT * (acceptance.rate() - rate));
        drafts++;
        proposed += entry.guesses();
        accepted += held;
    }

    /** A step of answers alone took so long. */
    void stepTook(StepPlan plan, long nanos) {
        if (settings.isOn() && nanos > 0) {
            costs.saw(plan.entries().size(), plan.guesses(), nanos);
        }
    }
}
