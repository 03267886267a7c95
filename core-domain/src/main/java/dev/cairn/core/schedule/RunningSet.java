package dev.cairn.core.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Sequences that hold blocks and are computed, best rank first. Threads: one mailbox owns it. */
final class RunningSet {

    private final List<Sequence> sequences = new ArrayList<>();

    int size() {
        return sequences.size();
    }

    boolean isEmpty() {
        return sequences.isEmpty();
    }

    Sequence get(int index) {
        return sequences.get(index);
    }

    /** Those who have something to compute, if all of them write their answers; else nobody. */
    List<Sequence> answering() {
        List<Sequence> answering = new ArrayList<>();
        for (Sequence sequence : sequences) {
            if (sequence.remaining() > 0) {
                if (!sequence.isDecoding()) {
                    return List.of();
                }
                answering.add(sequence);
            }
        }
        return answering;
    }

    Sequence worst() {
        return sequences.getLast();
    }

    /**
     * Whom to take blocks from: the worst priority, of those the tenant that has been given most,
     * of those the worst rank.
     *
     * @param plan whose sequences keep theirs
     */
    Sequence worstBut(long plan) {
        Sequence worst = null;
        for (int i = sequences.size() - 1; i >= 0; i--) {
            Sequence sequence = sequences.get(i);
            boolean planned = sequence.standing().lastPlan() == plan;
            if (!planned && (worst == null || givesWay(sequence, worst))) {
                worst = sequence;
            }
        }
        if (worst == null) {
            throw new IllegalStateException("a sequence without blocks is not planned");
        }
        return worst;
    }

    private static boolean givesWay(Sequence better, Sequence worse) {
        return better.live().request().priority() == worse.live().request().priority()
                && better.live().account().counter() > worse.live().account().counter();
    }

    void add(Sequence sequence) {
        int at = Collections.binarySearch(sequences, sequence, Sequence.RANK);
        if (at >= 0) {
            throw new IllegalStateException("a sequence cannot run twice");
        }
        sequences.add(-at - 1, sequence);
    }

    boolean remove(Sequence sequence) {
        int at = Collections.binarySearch(sequences, sequence, Sequence.RANK);
        if (at < 0) {
            return false;
        }
        sequences.remove(at);
        return true;
    }

    /** Index of the first that ranks behind a sequence, which need not run. */
    int after(Sequence sequence) {
        int at = Collections.binarySearch(sequences, sequence, Sequence.RANK);
        return at >= 0 ? at + 1 : -at - 1;
    }

    /** Tokens still to be computed before every sequence can choose its next. */
    long remainingTokens() {
        long sum = 0;
        for (Sequence sequence : sequences) {
            sum += sequence.remaining();
        }
        return sum;
    }
}
