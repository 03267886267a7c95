package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a grammar byte by byte. Configurations are values, so going back is keeping the old one.
 *
 * <p>{@link #advance} is exact. {@link #walk} is for looking ahead at most {@link #horizon} bytes:
 * it counts rounds of repetitions only near their bounds, so that few configurations exist and each
 * step is remembered.
 *
 * <p>Bounds: a text with more than {@link #MOST_ITEMS} pairs of state and frame at one place is not
 * gone on with; what is remembered is thrown away beyond {@link #MOST_KEPT}. Threads: one at a
 * time.
 */
final class Stepper {

    static final int MOST_ITEMS = 8192;
    static final int MOST_KEPT = 20_000;

    private static final Configuration DEAD = new Configuration(new int[0], new Frame[0], false);

    private final Grammar grammar;
    private final int horizon;
    private final FrameTable table = new FrameTable();
    private final Closure closure;
    private final Map<Configuration, Configuration> kept = new HashMap<>();
    private int generation;
    private long work;

    /**
     * @param horizon most bytes that {@link #walk} goes ahead
     */
    Stepper(Grammar grammar, int horizon) {
        this.grammar = grammar;
        this.horizon = horizon;
        this.closure = new Closure(grammar, table, MOST_ITEMS);
    }

    /** Where a text begins. */
    Configuration start() {
        closure.begin();
        closure.add(grammar.ruleStart[0], table.root());
        return closure.finish();
    }

    /** Pairs looked at so far, for bounds of work. */
    long work() {
        return work;
    }

    /**
     * Takes one byte.
     *
     * @param value 0 to 255
     * @return null if no text of the grammar goes on so
     */
    Configuration advance(Configuration from, int value) {
        closure.begin();
        for (int i = 0; i < from.states.length; i++) {
            int state = from.states[i];
            for (int edge = grammar.edgeFrom[state]; edge < grammar.edgeFrom[state + 1]; edge++) {
                if (grammar.edgeKind[edge] == Grammar.TAKE_BYTE
                        && grammar.sets[grammar.edgeWhat[edge]].contains(value)) {
                    closure.add(grammar.edgeTo[edge], from.frames[i]);
                }
            }
        }
        Configuration reached = closure.finish();
        work += 4L + from.states.length + closure.looked();
        return reached;
    }

    /**
     * Takes one byte in a walk.
     *
     * @param from of {@link #alike} or of this
     */
    Configuration walk(Configuration from, int value) {
        int byteClass = grammar.byteClass[value] & 0xff;
        if (from.next == null) {
            from.next = new Configuration[grammar.classes];
        }
        Configuration known = from.next[byteClass];
        if (known == null) {
            Configuration reached = advance(from, value);
            known = reached == null ? DEAD : alike(reached);
            from.next[byteClass] = known;
        }
        return known == DEAD ? null : known;
    }

    /** The configuration that allows the same texts of up to {@link #horizon} bytes. */
    Configuration alike(Configuration exact) {
        if (kept.size() > MOST_KEPT || table.size() > 4 * MOST_KEPT) {
            forget();
        }
        Configuration found = kept.get(exact);
        if (found != null) {
            return found;
        }
        int[] states = new int[exact.states.length];
        Frame[] frames = new Frame[exact.states.length];
        for (int i = 0; i < states.length; i++) {
            states[i] = exact.states[i];
            frames[i] = alike(exact.frames[i]);
        }
        Configuration same = FrameTable.configuration(states, frames, exact.mayEnd);
        Configuration before = kept.putIfAbsent(same, same);
        return before == null ? same : before;
    }

    /** Drops what is remembered. */
    void forget() {
        kept.clear();
        table.clear();
        generation++;
    }

    private Frame alike(Frame frame) {
        if (frame == table.root() || frame == null) {
            return frame;
        }
        if (frame.alikeGeneration == generation) {
            return frame.alike;
        }
        List<Integer> states = new ArrayList<>(frame.states.length);
        List<Frame> frames = new ArrayList<>(frame.states.length);
        for (int i = 0; i < frame.states.length; i++) {
            states.add(alike(frame.states[i]));
            frames.add(alike(frame.frames[i]));
        }
        frame.alike = table.frame(states, frames);
        frame.alikeGeneration = generation;
        return frame.alike;
    }

    private int alike(int state) {
        if (state < grammar.firstCounted) {
            return state;
        }
        Grammar.Counter counter = grammar.counter(state);
        return counter.base() + counter.alike(state - counter.base(), horizon);
    }
}
