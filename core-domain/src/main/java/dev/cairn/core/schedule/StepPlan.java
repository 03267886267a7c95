package dev.cairn.core.schedule;

import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One step: who computes how many tokens. Filled by the planner within the runner's bounds, then
 * launched, then reported.
 *
 * <p>Threads: one mailbox owns it.
 */
final class StepPlan {

    private final long step;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Fork> forks = new ArrayList<>();

    private int tokenRoom;
    private int sequenceRoom;
    private int rowRoom;
    private int promptRoom = StepPace.UNBOUNDED;
    private int decoding;
    private int promptTokens;
    private int rows;
    private int guesses;
    private int decodeTokens;
    private int prefillTokens;
    private long launchedNanos;
    private int waiting;

    StepPlan(long step, RunnerDescription runner) {
        this.step = step;
        this.tokenRoom = runner.maxTokensPerStep();
        this.sequenceRoom = runner.maxSequencesPerStep();
        this.rowRoom = runner.maxLogitRowsPerStep();
    }

    long step() {
        return step;
    }

    List<Entry> entries() {
        return entries;
    }

    List<Fork> forks() {
        return forks;
    }

    boolean computes(Sequence sequence) {
        for (Entry entry : entries) {
            if (entry.sequence() == sequence) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Sequences that write their answers. */
    int decoding() {
        return decoding;
    }

    /** Tokens of the other sequences. */
    int promptTokens() {
        return promptTokens;
    }

    /** From now on so many tokens of sequences that do not decode are taken. */
    void limitPromptTokens(int most) {
        promptRoom = most;
    }

    boolean hasPromptRoom() {
        return hasRoom() && promptRoom > 0;
    }

    int rows() {
        return rows;
    }

    /** Guessed tokens. */
    int guesses() {
        return guesses;
    }

    /** Guesses that the runner's bounds allow beside what is planned. */
    int guessRoom() {
        return Math.min(tokenRoom, rowRoom);
    }

    /** Puts guesses behind the last token of an entry's sequence. */
    void guess(int index, int count) {
        Entry entry = entries.get(index);
        entries.set(index, new Entry(entry.sequence(), entry.count(), entry.firstRow(), count));
        tokenRoom -= count;
        rowRoom -= count;
        rows += count;
        guesses += count;
    }

    int prefillTokens() {
        return prefillTokens;
    }

    int decodeTokens() {
        return decodeTokens;
    }

    long launchedNanos() {
        return launchedNanos;
    }

    boolean hasRoom() {
        return tokenRoom > 0 && sequenceRoom > 0;
    }

    /** How many of the sequence's next tokens the runner's bounds allow in this step. */
    int roomFor(Sequence sequence, int maxChunk) {
        if (!hasRoom()) {
            return 0;
        }
        int most = Math.min(tokenRoom, maxChunk);
        if (!sequence.isDecoding()) {
            most = Math.min(most, promptRoom);
        }
        int count = Math.min(sequence.remaining(), most);
        if (count == 0) {
            return 0;
        }
        int rows = count - sequence.logitsFrom(count);
        if (rows <= rowRoom) {
            return count;
        }
        // The rows are those of the last tokens: stop before the ones that find no room.
        return count - (rows - rowRoom);
    }

    void add(Sequence sequence, int count) {
        int logitsFrom = sequence.logitsFrom(count);
        int fresh = sequence.newAnswerTokens(count);
        entries.add(new Entry(sequence, count, sequence.computed() + logitsFrom, 0));
        if (sequence.isDecoding()) {
            decoding++;
        } else {
            promptRoom -= count;
            promptTokens += count;
        }
        tokenRoom -= count;
        sequenceRoom--;
        rowRoom -= count - logitsFrom;
        rows += count - logitsFrom;
        decodeTokens += fresh;
        prefillTokens += count - fresh;
    }

    /** Whether it may have waited for blocks: how long it took says nothing. */
    boolean hasGates() {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).sequence().gate() != LayerGate.OPEN) {
                return true;
            }
        }
        return false;
    }

    /** Whether something that it read did not come. */
    boolean hasBrokenGates() {
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).sequence().gate().isWhole()) {
                return true;
            }
        }
        return false;
    }

    /** Marks the sequences as computed by this step, from {@code nanos} on. */
    void launched(List<Fork> copied, int waitingSequences, long nanos) {
        forks.addAll(copied);
        waiting = waitingSequences;
        launchedNanos = nanos;
        for (Entry entry : entries) {
            entry.sequence().standing().enterStep();
        }
    }

    StepBatch batch() {
        List<StepBatch.BlockCopy> copies = forks.isEmpty() ? List.of() : new ArrayList<>();
        for (Fork fork : forks) {
            copies.addAll(fork.copies());
        }
        List<SequenceStep> steps = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            steps.add(entry.sequence().step(entry.count(), entry.guesses()));
        }
        return new StepBatch(copies, steps);
    }

    /** What to do with the logits; asked while the forward pass runs. */
    SamplingBatch sampling() {
        List<SamplingRow> sampling = new ArrayList<>(rows);
        for (Entry entry : entries) {
            int end = entry.end();
            for (int position = entry.firstRow(); position < end; position++) {
                sampling.add(entry.sequence().row(position));
            }
        }
        return new SamplingBatch(sampling);
    }

    /** What is wrong with a result of this step, if anything. */
    Optional<String> faultOf(StepResult result, int vocabulary) {
        if (result.rows().size() != rows) {
            return Optional.of(result.rows().size() + " rows reported, " + rows + " asked for");
        }
        int row = 0;
        for (Entry entry : entries) {
            int end = entry.end();
            if (!entry.sequence().gate().isWhole()) {
                row += end - entry.firstRow();
                continue;
            }
            for (int position = entry.firstRow(); position < end; position++) {
                TokenChoice choice = result.rows().get(row++);
                if (choice == null && entry.sequence().needsRow(position)) {
                    return Optional.of("no token reported for row " + (row - 1));
                }
                if (choice != null && (choice.token() < 0 || choice.token() >= vocabulary)) {
                    return Optional.of("token " + choice.token() + " is out of the vocabulary");
                }
                int ahead = position + 1 - entry.sequence().length();
                boolean sampled = choice != null && ahead >= 0;
                if (sampled && !entry.sequence().rules().allows(ahead, choice.token())) {
                    return Optional.of("token " + choice.token() + " was masked, and was chosen");
                }
            }
        }
        return Optional.empty();
    }

    StepRecord record(long nanos, long computeNanos) {
        return new StepRecord(
                step,
                entries.size(),
                prefillTokens,
                decodeTokens,
                waiting,
                nanos - launchedNanos,
                computeNanos);
    }

    /**
     * @param count tokens that the sequence computes
     * @param firstRow position of the first token whose logits are wanted
     * @param guesses computed behind them, each with logits
     */
    record Entry(Sequence sequence, int count, int firstRow, int guesses) {

        /** Position behind the last token or guess; before the step is reported. */
        int end() {
            return sequence.computed() + count + guesses;
        }

        /** Rows of logits, without those of guesses; before the step is reported. */
        int rows() {
            return sequence.computed() + count - firstRow;
        }
    }

    /** A sequence that begins with blocks computed by another, and the copies it needs before. */
    record Fork(Sequence sequence, List<StepBatch.BlockCopy> copies) {}
}
