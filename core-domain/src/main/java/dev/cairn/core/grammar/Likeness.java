package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds for a configuration another one that allows the same tokens: rounds of repetitions are
 * counted only near their bounds, so that few masks are computed however long an answer gets. One
 * thread.
 */
final class Likeness {

    /** What cannot be put off by the same number of tokens in all readings of the text. */
    private static final int UNEVEN = -1;

    private final Grammar grammar;
    private final Closing closing;
    private final FrameTable table;
    private final int horizon;
    private final boolean puts;
    private final Map<Frame, Alike> known = new IdentityHashMap<>();
    private final List<Frame> pending = new ArrayList<>();

    /**
     * @param spare tokens that it needs fewer to be closed
     */
    record Alike(Frame frame, int spare) {}

    /**
     * @param horizon bytes that are looked ahead
     * @param puts whether rounds that must still come may be left out too; otherwise the result
     *     needs as many tokens to be closed as the original
     */
    Likeness(Grammar grammar, Closing closing, FrameTable table, int horizon, boolean puts) {
        this.grammar = grammar;
        this.closing = closing;
        this.table = table;
        this.horizon = horizon;
        this.puts = puts;
    }

    void forget() {
        known.clear();
    }

    /**
     * Tokens that {@link #of} leaves out.
     *
     * @return -1 if they differ between readings of the text, which then have no likeness
     */
    int spare(Configuration exact) {
        int spare = 0;
        for (int i = 0; i < exact.frames.length; i++) {
            int own = alike(exact.frames[i]).spare;
            if (own == UNEVEN || i > 0 && own != spare) {
                return UNEVEN;
            }
            spare = own;
        }
        return spare;
    }

    /**
     * The configuration in whose stead masks are computed.
     *
     * @param spare of {@link #spare}, not -1
     */
    Configuration of(Configuration exact, int spare) {
        int count = exact.states.length;
        Frame[] frames = new Frame[count];
        boolean same = true;
        for (int i = 0; i < count; i++) {
            frames[i] = alike(exact.frames[i]).frame;
            same &= frames[i] == exact.frames[i];
        }
        if (same) {
            return exact;
        }
        int left = exact.mayEnd ? 0 : exact.closing - spare;
        return FrameTable.configuration(
                exact.states.clone(), frames, exact.mayEnd, left, exact.closer);
    }

    /** Bottom-up with a stack of its own: texts may nest as deep as they are long. */
    private Alike alike(Frame frame) {
        Alike found = known.get(frame);
        if (found != null) {
            return found;
        }
        pending.add(frame);
        while (!pending.isEmpty()) {
            Frame top = pending.getLast();
            int before = pending.size();
            for (Frame below : top.frames) {
                if (below != null && !known.containsKey(below)) {
                    pending.add(below);
                }
            }
            if (pending.size() == before) {
                pending.removeLast();
                known.put(top, made(top));
            }
        }
        return known.get(frame);
    }

    private Alike made(Frame frame) {
        if (frame == table.root()) {
            return new Alike(frame, 0);
        }
        List<Integer> states = new ArrayList<>(frame.states.length);
        List<Frame> frames = new ArrayList<>(frame.states.length);
        int spare = 0;
        boolean same = true;
        for (int i = 0; i < frame.states.length; i++) {
            Alike below = known.get(frame.frames[i]);
            int state = near(frame.states[i]);
            int own = below.spare == UNEVEN ? UNEVEN : below.spare;
            if (puts && own != UNEVEN) {
                int strides = strides(state);
                state += strides * stride(state);
                own += strides * strideTokens(state);
            }
            if (own == UNEVEN || i > 0 && own != spare) {
                return new Alike(null, UNEVEN);
            }
            spare = own;
            same &= state == frame.states[i] && below.frame == frame.frames[i];
            states.add(state);
            frames.add(below.frame);
        }
        return new Alike(same ? frame : table.frame(states, frames), spare);
    }

    private int near(int state) {
        if (state < grammar.firstCounted) {
            return state;
        }
        Grammar.Counter counter = grammar.counter(state);
        return counter.base() + counter.alike(state - counter.base(), horizon);
    }

    private int strides(int state) {
        if (state < grammar.firstCounted) {
            return 0;
        }
        int index = grammar.counterIndex(state);
        Grammar.Counter counter = grammar.counters[index];
        int left = counter.least() - (state - counter.base());
        return closing.rounds(index).spare(left, horizon);
    }

    private int stride(int state) {
        return state < grammar.firstCounted
                ? 0
                : closing.rounds(grammar.counterIndex(state)).stride();
    }

    private int strideTokens(int state) {
        return state < grammar.firstCounted
                ? 0
                : closing.rounds(grammar.counterIndex(state)).strideTokens();
    }
}
