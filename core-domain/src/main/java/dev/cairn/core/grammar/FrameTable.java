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
    private int serials;

    FrameTable() {
        root = new Frame(new int[] {Frame.FINISH}, new Frame[] {null}, serials++);
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
        var candidate = new Frame(states, frames, serials);
        if (candidate.equals(root)) {
            return root;
        }
        Frame before = known.putIfAbsent(candidate, candidate);
        if (before != null) {
            return before;
        }
        serials++;
        return candidate;
    }

    /** A configuration of these pairs, in any order, perhaps with duplicates. */
    static Configuration configuration(int[] states, Frame[] frames, boolean mayEnd) {
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
        return new Configuration(Arrays.copyOf(states, size), Arrays.copyOf(frames, size), mayEnd);
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
