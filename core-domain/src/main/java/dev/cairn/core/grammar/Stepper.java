package dev.cairn.core.grammar;

import java.util.HashMap;
import java.util.Map;

/**
 * Runs a grammar byte by byte. Configurations are values, so going back is keeping the old one.
 *
 * <p>{@link #advance} is exact. {@link #walk} is for looking ahead at most {@link
 * TokenTrie#LONGEST} bytes from a {@link #likeness}: it counts rounds of repetitions only near
 * their bounds, so that few configurations exist and each step is remembered.
 *
 * <p>Bounds: a text with more than {@link #MOST_ITEMS} pairs of state and frame at one place is not
 * gone on with; what is remembered is thrown away beyond {@link #MOST_KEPT}. Effort is counted in
 * pairs, and as if every walk were the first: what was remembered before must not change what a
 * bound of effort leaves out. Threads: one at a time.
 */
final class Stepper {

    static final int MOST_ITEMS = 8192;
    static final int MOST_KEPT = 20_000;

    /** What a step costs besides its pairs, in pairs. */
    private static final int STEP = 32;

    private static final Configuration DEAD =
            new Configuration(new int[0], new Frame[0], false, Closing.NEVER, Closing.NO_TOKEN);

    private final Grammar grammar;
    private final FrameTable table;
    private final Closure closure;
    private final ClassGroups groups;
    private final Likeness near;
    private final Likeness far;
    private final Map<Configuration, Configuration> kept = new HashMap<>();
    private int walks;
    private long effort;
    private long stretchEffort;

    Stepper(Grammar grammar, Closing closing) {
        this.grammar = grammar;
        this.table = new FrameTable(closing);
        this.closure = new Closure(grammar, table, closing, MOST_ITEMS);
        this.groups = new ClassGroups(grammar);
        this.near = new Likeness(grammar, closing, table, TokenTrie.LONGEST, false);
        this.far = new Likeness(grammar, closing, table, TokenTrie.LONGEST, true);
    }

    /** Where a text begins. */
    Configuration start() {
        closure.begin();
        closure.add(grammar.ruleStart[0], table.root());
        return keep(closure.finish());
    }

    /** Effort so far. */
    long work() {
        return effort;
    }

    /** Begins to count the effort of another walk. */
    void beginWalk() {
        walks++;
        stretchEffort = 0;
    }

    /**
     * Takes one byte.
     *
     * @param value 0 to 255
     * @return null if no text of the grammar goes on so
     */
    Configuration advance(Configuration from, int value) {
        int byteClass = grammar.byteClass[value] & 0xff;
        if (from.next == null) {
            from.next = new Configuration[grammar.classes];
        }
        Configuration known = from.next[byteClass];
        if (known == null) {
            Configuration reached = step(from, value);
            known = reached == null ? DEAD : keep(reached);
            from.next[byteClass] = known;
        }
        return known == DEAD ? null : known;
    }

    /**
     * Takes one byte in a walk.
     *
     * @param from of {@link #likeness} or of this
     */
    Configuration walk(Configuration from, int value) {
        int byteClass = grammar.byteClass[value] & 0xff;
        Configuration known = look(from, byteClass, value);
        if (from.paidIn[byteClass] != walks) {
            from.paidIn[byteClass] = walks;
            effort += from.effort[byteClass];
        }
        return known;
    }

    /** What {@link #walk} returns, without counting the effort. */
    Configuration look(Configuration from, int value) {
        return look(from, grammar.byteClass[value] & 0xff, value);
    }

    /** What taking a byte in a walk costs that was looked at before. */
    int effort(Configuration from, int value) {
        return from.effort[grammar.byteClass[value] & 0xff];
    }

    private Configuration look(Configuration from, int byteClass, int value) {
        if (from.nextInWalk == null) {
            from.nextInWalk = new Configuration[grammar.classes];
            from.effort = new int[grammar.classes];
            from.paidIn = new int[grammar.classes];
            from.alikeClass = groups.of(from);
        }
        Configuration known = from.nextInWalk[byteClass];
        if (known == null) {
            int first = from.alikeClass[byteClass] & 0xff;
            known = from.nextInWalk[first];
            if (known == null) {
                Configuration reached = step(from, value);
                known = reached == null ? DEAD : near(reached);
                from.nextInWalk[first] = known;
                from.effort[first] = STEP + from.states.length + closure.looked();
            }
            from.nextInWalk[byteClass] = known;
            from.effort[byteClass] = from.effort[first];
        }
        return known == DEAD ? null : known;
    }

    /**
     * The free text that can follow.
     *
     * @param from of {@link #likeness} or of {@link #walk}
     */
    FreeStretch stretch(Configuration from) {
        if (from.stretch == null) {
            from.stretch = FreeStretch.of(from, this);
        }
        if (from.stretchPaidIn != walks) {
            from.stretchPaidIn = walks;
            stretchEffort += from.stretchEffort;
        }
        return from.stretch;
    }

    /** Whether {@link #stretch} was asked for it in this walk already. */
    boolean isStretchPaid(Configuration from) {
        return from.stretchPaidIn == walks;
    }

    /** Effort of this walk for stretches, in pairs. */
    long stretchEffort() {
        return stretchEffort;
    }

    /**
     * The configuration that allows the same tokens, remembered with what it spares: it takes
     * {@code alikeSpare} tokens fewer to close.
     */
    Configuration likeness(Configuration exact) {
        if (exact.alike == null) {
            int spare = far.spare(exact);
            exact.alike = spare < 0 ? exact : keep(far.of(exact, spare));
            exact.alikeSpare = Math.max(0, spare);
        }
        return exact.alike;
    }

    /** A configuration among those that are remembered now. */
    Configuration home(Configuration at) {
        if (at.generation == table.generation()) {
            return at;
        }
        Frame[] frames = new Frame[at.frames.length];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = table.home(at.frames[i]);
        }
        return keep(
                FrameTable.configuration(
                        at.states.clone(), frames, at.mayEnd, at.closing, at.closer));
    }

    /** Whether more is remembered than should be. Not asked within a walk. */
    boolean isFull() {
        return kept.size() > MOST_KEPT || table.size() > 4 * MOST_KEPT;
    }

    /** Drops what is remembered; configurations from before must be taken {@link #home}. */
    void forget() {
        kept.clear();
        table.clear();
        near.forget();
        far.forget();
    }

    /** Bytes that are taken up, roughly. */
    long bytes() {
        return kept.size() * (200L + 17L * grammar.classes) + table.size() * 160L;
    }

    /** The only byte that can follow, or -1 where there are several or none. */
    int onlyByte(Configuration from) {
        int only = -1;
        for (int state : from.states) {
            for (int edge = grammar.edgeFrom[state]; edge < grammar.edgeFrom[state + 1]; edge++) {
                if (grammar.edgeKind[edge] == Grammar.TAKE_BYTE) {
                    ByteSet set = grammar.sets[grammar.edgeWhat[edge]];
                    int value = set.first();
                    if (set.size() != 1 || only >= 0 && only != value) {
                        return -1;
                    }
                    only = value;
                }
            }
        }
        return only;
    }

    int byteClass(int value) {
        return grammar.byteClass[value] & 0xff;
    }

    private Configuration step(Configuration from, int value) {
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
        return closure.finish();
    }

    private Configuration near(Configuration exact) {
        int spare = near.spare(exact);
        return keep(spare < 0 ? exact : near.of(exact, spare));
    }

    private Configuration keep(Configuration made) {
        Configuration before = kept.putIfAbsent(made, made);
        if (before != null) {
            return before;
        }
        made.generation = table.generation();
        return made;
    }
}
