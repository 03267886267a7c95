package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.engine.cpu.kernel.Kernels;
import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Adds what LoRA adapters make of one input to the products of that input: {@code y += up (down
 * x)}, row by row, each row with its own adapter. Rows of one adapter go through its matrices
 * together, however many there are: a row's numbers are those of the kernels' products and do not
 * depend on its neighbours.
 *
 * <p>Threads: the runner's, which drives the crew.
 */
final class AdapterStage {

    /** Rows that share one pass over a matrix. */
    private static final int RUN = 64;

    /** Multiply-adds that are worth another thread. */
    private static final long WORTH_A_PART = 1 << 16;

    /**
     * A product that may be adapted.
     *
     * @param output {@code [tile, width]} float32
     */
    record Target(WeightRole role, MemorySegment output, int width) {}

    private final AdapterWork work;
    private final int layer;
    private final MemorySegment input;
    private final int columns;
    private final List<Target> targets;
    private final Crew.Parts narrowing = this::narrowPart;
    private final Crew.Parts widening = this::widenPart;
    private int[] cuts = new int[5 * 16];
    private int count;
    private Target adding;

    /**
     * @param input {@code [tile, columns]} float32, what the products are made of
     */
    AdapterStage(
            AdapterWork work, int layer, MemorySegment input, int columns, List<Target> targets) {
        this.work = work;
        this.layer = layer;
        this.input = input;
        this.columns = columns;
        this.targets = targets;
    }

    /** Adds to the targets' rows of the tile that was begun last. */
    void run() {
        if (work.groups() == 0 || !narrow()) {
            return;
        }
        for (int target = 0; target < targets.size(); target++) {
            adding = targets.get(target);
            count = 0;
            for (int group = 0; group < work.groups(); group++) {
                widen(group, target);
            }
            run(widening);
        }
    }

    /** Multiplies by the first matrices; false if no adapter here changes any target. */
    private boolean narrow() {
        count = 0;
        for (int group = 0; group < work.groups(); group++) {
            for (int target = 0; target < targets.size(); target++) {
                if (pair(group, target) != null) {
                    for (int from = work.start(group); from < work.start(group + 1); from += RUN) {
                        add(group, target, from, 0, 0);
                    }
                }
            }
        }
        if (count == 0) {
            return false;
        }
        long rowBytes = 4L * columns;
        for (int i = 0; i < work.start(work.groups()); i++) {
            MemorySegment.copy(
                    input, work.row(i) * rowBytes, work.gathered(), i * rowBytes, rowBytes);
        }
        run(narrowing);
        return true;
    }

    private void narrowPart(int part) {
        int group = cuts[5 * part];
        int target = cuts[5 * part + 1];
        int from = cuts[5 * part + 2];
        PackedMatrix down = pair(group, target).down();
        work.parallel()
                .kernels()
                .matmul(
                        down,
                        work.gathered().asSlice(4L * from * columns),
                        Math.min(RUN, work.start(group + 1) - from),
                        work.narrow(target, from),
                        down.rows(),
                        0,
                        down.panels());
    }

    /** Cuts the second product of a group into parts. */
    private void widen(int group, int target) {
        LoadedAdapter.Pair pair = pair(group, target);
        if (pair == null) {
            return;
        }
        for (int from = work.start(group); from < work.start(group + 1); from += RUN) {
            long rows = Math.min(RUN, work.start(group + 1) - from);
            long panelCost = rows * pair.up().columns() * PackedMatrix.PANEL_ROWS;
            int panels = (int) Math.clamp(WORTH_A_PART / panelCost, 4, 1 << 20);
            for (int panel = 0; panel < pair.up().panels(); panel += panels) {
                add(group, target, from, panel, Math.min(panel + panels, pair.up().panels()));
            }
        }
    }

    private void widenPart(int part) {
        int group = cuts[5 * part];
        int target = cuts[5 * part + 1];
        int from = cuts[5 * part + 2];
        int firstPanel = cuts[5 * part + 3];
        int lastPanel = cuts[5 * part + 4];
        PackedMatrix up = pair(group, target).up();
        int rows = Math.min(RUN, work.start(group + 1) - from);
        int width = adding.width();
        Kernels kernels = work.parallel().kernels();
        MemorySegment share = work.share().asSlice(4L * from * width);
        kernels.matmul(up, work.narrow(target, from), rows, share, width, firstPanel, lastPanel);
        int first = firstPanel * PackedMatrix.PANEL_ROWS;
        int last = Math.min(width, lastPanel * PackedMatrix.PANEL_ROWS);
        for (int i = 0; i < rows; i++) {
            long row = work.row(from + i);
            kernels.addScaled(
                    adding.output().asSlice(4 * (row * width + first)),
                    share.asSlice(4 * ((long) i * width + first)),
                    1,
                    last - first);
        }
    }

    private LoadedAdapter.Pair pair(int group, int target) {
        return work.adapter(group).pair(layer, targets.get(target).role());
    }

    private void add(int group, int target, int from, int firstPanel, int lastPanel) {
        if (5 * count == cuts.length) {
            cuts = Arrays.copyOf(cuts, 2 * cuts.length);
        }
        int at = 5 * count++;
        cuts[at] = group;
        cuts[at + 1] = target;
        cuts[at + 2] = from;
        cuts[at + 3] = firstPanel;
        cuts[at + 4] = lastPanel;
    }

    private void run(Crew.Parts parts) {
        if (count == 1) {
            parts.run(0);
        } else if (count > 0) {
            work.parallel().crew().run(count, parts);
        }
    }
}
