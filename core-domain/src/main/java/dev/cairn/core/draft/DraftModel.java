package dev.cairn.core.draft;

import dev.cairn.core.block.BlockPools;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * Rounds of a draft model. In a round it reads what it has not seen of some sequences, and then
 * says token by token how they go on, all of them in the same steps.
 *
 * <p>Its blocks are its own and as many as its runner has: a sequence for which none are free is
 * not guessed. What a guess that did not hold left there is written over.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class DraftModel {

    private final RunnerDescription runner;
    private final BlockPools pools;
    private final List<DraftedText> round = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    private record Part(DraftedText text, int tokens, boolean isGuessed) {}

    /** A step for the draft model's runner. */
    public record Work(StepBatch batch, SamplingBatch sampling) {}

    public DraftModel(RunnerDescription runner) {
        this.runner = runner;
        this.pools = new BlockPools(runner);
    }

    /** For a sequence that begins. */
    public DraftedText begin() {
        return new DraftedText(pools.newSequence());
    }

    /** Blocks in use, of the group that has the largest share in use. */
    public long usedBlocks() {
        return pools.usedOfFullest();
    }

    /** A new round; the last one is over. */
    public void beginRound() {
        round.clear();
    }

    /**
     * A sequence wants guesses in this round.
     *
     * @param tokens of the sequence, {@code length} of them; copied
     * @param wanted guesses; at least 1
     */
    public void offer(
            DraftedText text, int[] tokens, int length, int wanted, DraftedText.Rows rows) {
        if (length + wanted <= runner.maxPositions()) {
            text.begin(tokens, length, wanted, rows);
            round.add(text);
        }
    }

    /** The next step of the round; null when it is over. */
    public Work next() {
        int tokenRoom = runner.maxTokensPerStep();
        List<SequenceStep> steps = new ArrayList<>();
        List<SamplingRow> sampling = new ArrayList<>();
        parts.clear();
        for (int i = 0; i < round.size() && steps.size() < runner.maxSequencesPerStep(); i++) {
            DraftedText text = round.get(i);
            boolean fits = tokenRoom > 0 && sampling.size() < runner.maxLogitRowsPerStep();
            if (text.isWanting() && fits) {
                tokenRoom -= add(text, tokenRoom, steps, sampling);
            }
        }
        return steps.isEmpty()
                ? null
                : new Work(new StepBatch(List.of(), steps), new SamplingBatch(sampling));
    }

    private int add(
            DraftedText text, int room, List<SequenceStep> steps, List<SamplingRow> sampling) {
        int tokens = Math.min(text.remaining(), room);
        boolean whole = tokens == text.remaining();
        SamplingRow row = whole ? text.row() : null;
        if ((whole && row == null) || !text.blocks().extendTo(text.computed() + tokens)) {
            text.stop();
            return 0;
        }
        steps.add(
                new SequenceStep(
                        text.next(tokens),
                        text.computed(),
                        text.blocks().tables(),
                        whole ? tokens - 1 : tokens,
                        -1));
        if (whole) {
            sampling.add(row);
        }
        text.launched(whole);
        parts.add(new Part(text, tokens, whole));
        return tokens;
    }

    /** The step that {@link #next} made was computed. */
    public void done(StepResult result) {
        int row = 0;
        for (Part part : parts) {
            part.text().computed(part.tokens());
            if (part.isGuessed()) {
                TokenChoice choice = result.rows().get(row++);
                part.text().guess(choice.token());
            }
        }
        parts.clear();
    }

    /** The step that {@link #next} made failed: what it wrote is garbage, and is not used. */
    public void failed() {
        for (Part part : parts) {
            part.text().computed(0);
            part.text().release();
        }
        parts.clear();
        round.clear();
    }
}
