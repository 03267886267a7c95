package dev.cairn.plugin.device;

import dev.cairn.ports.model.RotaryEncoding;
import java.util.HashMap;
import java.util.Map;

/**
 * Cosines and sines of every position on the device: {@code [positions, rotated]}, each line the
 * cosines of its angles, then their sines, both times the encoding's magnitude. Computed on the
 * host as the CPU engine computes them, so that they agree to the bit. Threads: the device's owner.
 */
final class RotaryTables {

    /** Positions that are computed at once. */
    private static final int PART = 1024;

    private final Device device;
    private final WeightUpload upload;
    private final int positions;
    private final Map<RotaryEncoding, Long> tables = new HashMap<>();

    RotaryTables(Device device, WeightUpload upload, int positions) {
        this.device = device;
        this.upload = upload;
        this.positions = positions;
    }

    static long bytes(RotaryEncoding encoding, int positions) {
        return 4L * positions * encoding.rotated();
    }

    long of(RotaryEncoding encoding) {
        return tables.computeIfAbsent(encoding, this::make);
    }

    private long make(RotaryEncoding encoding) {
        long address = device.allocate(Math.max(4, bytes(encoding, positions)));
        float[] frequencies = encoding.inverseFrequencies();
        int rotated = encoding.rotated();
        float[] lines = new float[PART * rotated];
        for (int first = 0; first < positions && rotated > 0; first += PART) {
            int count = Math.min(PART, positions - first);
            for (int i = 0; i < count; i++) {
                fill(lines, i * rotated, frequencies, encoding.magnitude(), first + i);
            }
            upload.floats(address + 4L * first * rotated, lines, 0, count * rotated);
        }
        return address;
    }

    private static void fill(
            float[] lines, int start, float[] frequencies, float magnitude, int position) {
        for (int i = 0; i < frequencies.length; i++) {
            float angle = position * frequencies[i];
            lines[start + i] = (float) Math.cos(angle) * magnitude;
            lines[start + frequencies.length + i] = (float) Math.sin(angle) * magnitude;
        }
    }
}
