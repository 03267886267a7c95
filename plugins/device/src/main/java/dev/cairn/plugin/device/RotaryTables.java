package dev.cairn.plugin.device;

import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.HashMap;
import java.util.Map;

/**
 * Cosines and sines of every position on the device: {@code [forms, positions, rotated]}, each line
 * the cosines of its angles, then their sines, both times the encoding's magnitude. Where some
 * layer of the model has a second form of positions, all have two, which may be the same. Computed
 * on the host as the CPU engine computes them, so that they agree to the bit. Threads: the device's
 * owner.
 */
final class RotaryTables {

    /** Positions that are computed at once. */
    private static final int PART = 1024;

    private final Device device;
    private final WeightUpload upload;
    private final int positions;
    private final int forms;
    private final Map<RotaryEncoding, Long> tables = new HashMap<>();

    /**
     * @param positions of each form
     */
    RotaryTables(
            Device device, WeightUpload upload, ModelArchitecture architecture, int positions) {
        this.device = device;
        this.upload = upload;
        this.positions = positions;
        forms = forms(architecture);
    }

    /** Forms in which positions may enter. */
    static int forms(ModelArchitecture architecture) {
        return architecture.layers().stream()
                        .anyMatch(layer -> layer.attention().rotary().beyond().isPresent())
                ? 2
                : 1;
    }

    /** Line of a position, or of the first one, in tables of so many positions. */
    static int line(boolean longForm, int position, int positions) {
        return longForm ? positions + position : position;
    }

    /** Bytes of all tables of a model. */
    static long bytes(ModelArchitecture architecture, int positions) {
        return architecture.layers().stream()
                .map(layer -> layer.attention().rotary())
                .distinct()
                .mapToLong(encoding -> forms(architecture) * formBytes(encoding, positions))
                .sum();
    }

    private static long formBytes(RotaryEncoding encoding, int positions) {
        return 4L * positions * encoding.rotated();
    }

    long of(RotaryEncoding encoding) {
        return tables.computeIfAbsent(encoding, this::make);
    }

    private long make(RotaryEncoding encoding) {
        long bytes = formBytes(encoding, positions);
        long address = device.allocate(Math.max(4, forms * bytes));
        fill(encoding, address);
        if (forms > 1) {
            fill(encoding.extended(), address + bytes);
        }
        return address;
    }

    private void fill(RotaryEncoding encoding, long address) {
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
