package dev.cairn.core.schedule;

import dev.cairn.core.draft.DraftModel;
import dev.cairn.core.draft.DraftedText;
import dev.cairn.core.speculate.Acceptance;
import dev.cairn.core.speculate.DraftCosts;
import dev.cairn.core.speculate.DraftDepth;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.StepResult;
import java.util.List;

/**
 * Lets a draft model guess before a step of answers alone is planned.
 *
 * <p>The draft chooses as the model will: by the same noise (seed and position), temperature,
 * penalties, masks and format, so where both think alike a sampled token is guessed as well as a
 * greedy one. How many tokens are drafted follows from what they cost and how many hold; texts that
 * are not worth it are tried ever more seldom.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Drafting {

    private static final System.Logger LOG = System.getLogger(Drafting.class.getName());

    /** What holds more seldom is only tried. */
    private static final double LEAST_RATE = 0.1;

    private final SpeculationSettings settings;
    private final Speculation speculation;
    private final StepPlanner planner;
    private final List<Command> commands;
    private final DraftModel model;
    private final DraftDepth depth = new DraftDepth();

    private boolean running;

    /** A round has just ended: its guesses are to be used. */
    private boolean fresh;

    private boolean broken;
    private int texts;
    private int steps;
    private long launchedNanos;
    private long roundNanos;

    /**
     * @param commands where steps of the draft model are asked for
     */
    Drafting(
            SpeculationSettings settings,
            Speculation speculation,
            StepPlanner planner,
            List<Command> commands) {
        this.settings = settings;
        this.speculation = speculation;
        this.planner = planner;
        this.commands = commands;
        this.model =
                settings.draft() == null ? null : new DraftModel(settings.draft().description());
    }

    /** Whether a step of the draft model is in flight. */
    boolean isRunning() {
        return running;
    }

    /** Begins a round, if it is worth its time; the step waits for its end then. */
    boolean begin(long nanos) {
        if (fresh || model == null || broken) {
            fresh = false;
            return false;
        }
        speculation.draftTook(0);
        List<Sequence> answering = planner.answering();
        DraftCosts costs = speculation.costs();
        int answers = answering.size();
        if (answers == 0
                || costs.isPlainDue(answers)
                || !costs.couldPay(answers, settings.mostTokens())) {
            return false;
        }
        model.beginRound();
        texts = 0;
        steps = 0;
        roundNanos = 0;
        int best = bestDepth(answering, costs);
        for (Sequence sequence : answering) {
            offer(sequence, best);
        }
        return texts > 0 && launch(nanos);
    }

    private int bestDepth(List<Sequence> answering, DraftCosts costs) {
        depth.begin();
        for (Sequence sequence : answering) {
            if (sequence.mostGuesses() > 0) {
                depth.offer(guesses(sequence).acceptance().rate());
            }
        }
        return depth.best(costs, answering.size(), settings.mostTokens());
    }

    private Guesses guesses(Sequence sequence) {
        Guesses known = sequence.guesses();
        return known == null ? speculation.begin(sequence, model.begin()) : known;
    }

    private void offer(Sequence sequence, int best) {
        int most = sequence.mostGuesses();
        if (most <= 0 || sequence.standing().failures().isSuspect()) {
            return;
        }
        Acceptance acceptance = guesses(sequence).acceptance();
        int wanted = best;
        if (best == 0 || acceptance.rate() < LEAST_RATE) {
            wanted = acceptance.probes() ? Acceptance.PROBE : 0;
        }
        if (wanted > 0) {
            texts++;
            model.offer(
                    (DraftedText) sequence.guesses().proposer(),
                    sequence.tokens(),
                    sequence.length(),
                    Math.min(most, wanted),
                    (guessed, count) -> row(sequence, guessed, count));
        }
    }

    /** As the model's own row will be, without log-probabilities. */
    private static SamplingRow row(Sequence sequence, int[] guessed, int count) {
        return switch (sequence.rowBehind(guessed, count)) {
            case SamplingRow.Sample(
                            var parameters,
                            var seed,
                            var position,
                            var counts,
                            var mask,
                            _,
                            _) ->
                    new SamplingRow.Sample(parameters, seed, position, counts, mask, -1, false);
            case SamplingRow.Score _, SamplingRow.Ignore _ -> null;
        };
    }

    private boolean launch(long nanos) {
        DraftModel.Work work = model.next();
        running = work != null;
        if (running) {
            steps++;
            launchedNanos = nanos;
            commands.add(new Command.Draft(work));
        }
        return running;
    }

    /** A step of the round was computed. */
    void done(StepResult result, long nanos) {
        running = false;
        model.done(result);
        roundNanos += nanos - launchedNanos;
        if (steps > 1) {
            // The first step may have read a prompt.
            depth.saw(texts, nanos - launchedNanos);
        }
        if (!launch(nanos)) {
            fresh = true;
            speculation.draftTook(roundNanos);
        }
    }

    /** A draft model that failed guesses nothing any more; answers go on without. */
    void failed(Throwable failure) {
        running = false;
        fresh = true;
        broken = true;
        model.failed();
        LOG.log(System.Logger.Level.ERROR, "the draft model failed, nothing is guessed", failure);
    }
}
