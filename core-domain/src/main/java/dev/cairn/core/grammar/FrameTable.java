package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes equal frames one object, so that they are found again by identity. One thread. */
final class FrameTable {

    private final Map<Frame, Frame> known = new HashMap<>();
    private final Frame root;
    private final Closing closing;
    private final List<Frame> pending = new ArrayList<>();
    private int serials;
    private int generation;

    FrameTable(Closing closing) {
        this.closing = closing;
        this.root = new Frame(new int[] {Frame.FINISH}, new Frame[] {null}, serials++, 0, null);
    }

    /** How often frames were forgotten. */
    int generation() {
        return generation;
    }

    /** The frame of the whole text. */
    Frame root() {
        return root;
    }

    int size() {
        return known.size();
    }

    /** Forgets all frames; those in use stay valid, and merely are no longer found again. */
    void clear() {
        known.clear();
        generation++;
    }

    /**
     * A frame as one that is remembered now. Bottom-up with a stack of its own: texts may nest as
     * deep as they are long.
     */
    Frame home(Frame frame) {
        pending.add(frame);
        while (!pending.isEmpty()) {
            Frame top = pending.getLast();
            int before = pending.size();
            for (Frame below : top.frames) {
                if (below != null && !isHome(below)) {
                    pending.add(below);
                }
            }
            if (pending.size() == before) {
                pending.removeLast();
                if (!isHome(top)) {
                    settle(top);
                }
            }
        }
        return frame.home;
    }

    private boolean isHome(Frame frame) {
        return frame == root || frame.homeGeneration == generation;
    }

    private void settle(Frame frame) {
        List<Integer> states = new ArrayList<>();
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < frame.states.length; i++) {
            states.add(frame.states[i]);
            frames.add(frame.frames[i].home);
        }
        frame.home = frame(states, frames);
        frame.homeGeneration = generation;
    }

    /** The frame with these ways to return, in any order, perhaps with duplicates. */
    Frame frame(List<Integer> states, List<Frame> frames) {
        int count = states.size();
        if (count == 1) {
            return one(new int[] {states.getFirst()}, new Frame[] {frames.getFirst()});
        }
        List<Integer> order = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        order.sort(
                (a, b) -> {
                    int byState = Integer.compare(states.get(a), states.get(b));
                    return byState != 0
                            ? byState
                            : Integer.compare(serial(frames.get(a)), serial(frames.get(b)));
                });
        int[] sorted = new int[count];
        Frame[] owners = new Frame[count];
        int size = 0;
        for (int i : order) {
            if (size == 0
                    || sorted[size - 1] != states.get(i)
                    || owners[size - 1] != frames.get(i)) {
                sorted[size] = states.get(i);
                owners[size++] = frames.get(i);
            }
        }
        return one(Arrays.copyOf(sorted, size), Arrays.copyOf(owners, size));
    }

    private Frame one(int[] states, Frame[] frames) {
        if (frames[0] == null) {
            return root;
        }
        var candidate = new Frame(states, frames, serials, generation, closing);
        Frame before = known.putIfAbsent(candidate, candidate);
        if (before != null) {
            return before;
        }
        serials++;
        return candidate;
    }

    /** A configuration of these pairs, in any order, perhaps with duplicates. */
    static Configuration configuration(
            int[] states, Frame[] frames, boolean mayEnd, int closing, int closer) {
        // Nearly sorted and nearly always short: insertion sort.
        int size = 0;
        for (int i = 0; i < states.length; i++) {
            int state = states[i];
            Frame frame = frames[i];
            int at = size;
            while (at > 0 && compare(states[at - 1], frames[at - 1], state, frame) > 0) {
                at--;
            }
            if (at > 0 && states[at - 1] == state && frames[at - 1] == frame) {
                continue;
            }
            System.arraycopy(states, at, states, at + 1, size - at);
            System.arraycopy(frames, at, frames, at + 1, size - at);
            states[at] = state;
            frames[at] = frame;
            size++;
        }
        return new Configuration(
                Arrays.copyOf(states, size), Arrays.copyOf(frames, size), mayEnd, closing, closer);
    }

    private static int compare(int stateA, Frame frameA, int stateB, Frame frameB) {
        return stateA != stateB
                ? Integer.compare(stateA, stateB)
                : Integer.compare(frameA.serial, frameB.serial);
    }

    private static int serial(Frame frame) {
        return frame == null ? -1 : frame.serial;
    }
}
