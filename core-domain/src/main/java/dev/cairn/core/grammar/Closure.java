package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Follows edges that take no byte until only states that take one are left. Scratch space of one
 * {@link Stepper}.
 *
 * <p>Rules that are entered at one position share one open frame each, whoever called them: that
 * keeps the work polynomial for ambiguous grammars (J. Earley, CACM 13(2), 1970).
 */
final class Closure {

    private final Grammar grammar;
    private final FrameTable table;
    private final Closing closing;
    private final int mostItems;
    private final Open[] openOfRule;
    private final List<Open> open = new ArrayList<>();
    private final List<Open> pending = new ArrayList<>();
    private final LongSet seen = new LongSet();
    private int[] states = new int[32];
    private Object[] owners = new Object[32];
    private int size;
    private long[] taking = new long[32];
    private Object[] takingOwner = new Object[32];
    private int takingSize;
    private boolean mayEnd;

    /** A frame that still gains callers. */
    private static final class Open {

        private final int serial;

        /** Where it is in the table of open frames; -1 where it is a round's. */
        private final int rule;

        private final List<Integer> states = new ArrayList<>();
        private final List<Object> owners = new ArrayList<>();

        /** Frames whose callers are callers of this one: calls with nothing left to do after. */
        private final List<Object> through = new ArrayList<>();

        private Frame closed;

        Open(int serial, int rule) {
            this.serial = serial;
            this.rule = rule;
        }
    }

    Closure(Grammar grammar, FrameTable table, Closing closing, int mostItems) {
        this.grammar = grammar;
        this.table = table;
        this.closing = closing;
        this.mostItems = mostItems;
        this.openOfRule = new Open[grammar.ruleStart.length];
    }

    void begin() {
        Arrays.fill(owners, 0, size, null);
        Arrays.fill(takingOwner, 0, takingSize, null);
        size = 0;
        takingSize = 0;
        mayEnd = false;
        seen.clear();
    }

    void add(int state, Object owner) {
        if (state == Frame.FINISH) {
            mayEnd = true;
            return;
        }
        if (!seen.add((long) state << 32 | serial(owner) & 0xffffffffL)) {
            return;
        }
        if (size == states.length) {
            states = Arrays.copyOf(states, size * 2);
            owners = Arrays.copyOf(owners, size * 2);
        }
        states[size] = state;
        owners[size++] = owner;
    }

    /**
     * The configuration that was reached.
     *
     * @return null if nothing goes on and the text cannot end, or the ways to read it are too many
     */
    Configuration finish() {
        boolean tooMany = false;
        for (int i = 0; i < size && !tooMany; i++) {
            if (states[i] >= grammar.firstCounted) {
                round(states[i], owners[i]);
            } else {
                follow(states[i], owners[i]);
            }
            tooMany = size > mostItems;
        }
        Configuration reached = tooMany ? null : configuration();
        for (Open each : open) {
            if (each.rule >= 0) {
                openOfRule[each.rule] = null;
            }
        }
        open.clear();
        return reached;
    }

    /** Pairs that the last {@link #finish} looked at. */
    int looked() {
        return size;
    }

    private void round(int state, Object owner) {
        Grammar.Counter counter = grammar.counter(state);
        int round = state - counter.base();
        if (round >= counter.least()) {
            add(counter.after(), owner);
        }
        if (counter.mayGoOn(round)) {
            var body = new Open(-2 - open.size(), -1);
            open.add(body);
            body.states.add(counter.base() + counter.next(round));
            body.owners.add(owner);
            add(counter.body(), body);
        }
    }

    private void follow(int state, Object owner) {
        boolean takes = false;
        for (int edge = grammar.edgeFrom[state]; edge < grammar.edgeFrom[state + 1]; edge++) {
            switch (grammar.edgeKind[edge]) {
                case Grammar.TAKE_BYTE -> takes = true;
                case Grammar.TAKE_NOTHING -> add(grammar.edgeTo[edge], owner);
                default -> call(grammar.edgeWhat[edge], grammar.edgeTo[edge], owner);
            }
        }
        if (takes) {
            keep(state, owner);
        }
        // A rule that ends where it began was passed by its caller already.
        if (grammar.ends[state] && owner instanceof Frame frame) {
            for (int i = 0; i < frame.states.length; i++) {
                add(frame.states[i], frame.frames[i]);
            }
        }
    }

    private void call(int rule, int back, Object owner) {
        Open entered = openOfRule[rule];
        if (entered == null) {
            entered = new Open(-2 - open.size(), rule);
            open.add(entered);
            openOfRule[rule] = entered;
            add(grammar.ruleStart[rule], entered);
        }
        if (back < grammar.firstCounted && grammar.onlyEnds[back]) {
            entered.through.add(owner);
        } else {
            entered.states.add(back);
            entered.owners.add(owner);
        }
        if (grammar.ruleMayBeEmpty[rule]) {
            add(back, owner);
        }
    }

    private void keep(int state, Object owner) {
        if (takingSize == taking.length) {
            taking = Arrays.copyOf(taking, takingSize * 2);
            takingOwner = Arrays.copyOf(takingOwner, takingSize * 2);
        }
        taking[takingSize] = state;
        takingOwner[takingSize++] = owner;
    }

    private Configuration configuration() {
        if (takingSize == 0 && !mayEnd) {
            return null;
        }
        Frame[] closed = new Frame[takingSize];
        int[] at = new int[takingSize];
        for (int i = 0; i < takingSize; i++) {
            closed[i] = close(takingOwner[i]);
            at[i] = (int) taking[i];
        }
        // Pairs in frames that are still open are reached by a call from one that is not, whose
        // way counts the call: they never need fewer tokens than what is looked at here.
        int least = mayEnd ? 0 : Closing.NEVER;
        int closer = Closing.NO_TOKEN;
        for (int i = 0; i < size && !mayEnd; i++) {
            int own = closing.tokens(states[i]);
            if (own > 0 && owners[i] instanceof Frame frame) {
                int whole = Closing.sum(own, frame.closing);
                int token = closing.first(states[i]);
                if (whole < least || whole == least && token < closer) {
                    least = whole;
                    closer = token;
                }
            }
        }
        return FrameTable.configuration(at, closed, mayEnd, least, closer);
    }

    /** Makes frames of an open one and of those it returns to, which may be many. */
    private Frame close(Object owner) {
        if (owner instanceof Frame frame) {
            return frame;
        }
        pending.add((Open) owner);
        while (!pending.isEmpty()) {
            Open top = pending.getLast();
            if (top.closed == null && waitsForOthers(top)) {
                continue;
            }
            pending.removeLast();
            if (top.closed == null) {
                top.closed = closed(top);
            }
        }
        return ((Open) owner).closed;
    }

    private boolean waitsForOthers(Open top) {
        int before = pending.size();
        for (Object caller : top.owners) {
            if (caller instanceof Open other && other.closed == null) {
                pending.add(other);
            }
        }
        for (Object caller : top.through) {
            if (caller instanceof Open other && other.closed == null) {
                pending.add(other);
            }
        }
        return pending.size() > before;
    }

    private Frame closed(Open entered) {
        List<Integer> backs = new ArrayList<>(entered.states);
        List<Frame> callers = new ArrayList<>();
        for (Object caller : entered.owners) {
            callers.add(frame(caller));
        }
        for (Object caller : entered.through) {
            Frame frame = frame(caller);
            for (int i = 0; i < frame.states.length; i++) {
                backs.add(frame.states[i]);
                callers.add(frame.frames[i]);
            }
        }
        return table.frame(backs, callers);
    }

    private static Frame frame(Object owner) {
        return owner instanceof Frame frame ? frame : ((Open) owner).closed;
    }

    private static int serial(Object owner) {
        return owner instanceof Frame frame ? frame.serial : ((Open) owner).serial;
    }
}
