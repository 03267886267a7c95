package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.WeightCatalogue.Entry;
import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.WeightFormat;
import dev.cairn.engine.cpu.packed.PackedKey;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.StoredMatrix;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's packed matrices one behind the other: where each lies, and what makes the whole the
 * same as another. All kernels read one layout, so they do not count; the content of the model's
 * files does, and so neither their names nor their dates do.
 *
 * @param parts by matrix
 */
record PackedImage(PackedKey key, Map<Entry, Part> parts) {

    /** To be raised when {@link PackedMatrix} or the rounding of weights changes. */
    private static final int VERSION = 1;

    private static final long ALIGNMENT = 4096;

    /** Bytes of one matrix. */
    record Part(long offset, long bytes) {}

    static PackedImage of(WeightCatalogue catalogue, ModelFingerprint fingerprint) {
        Map<Entry, Part> parts = new LinkedHashMap<>();
        StringBuilder description =
                new StringBuilder("packed " + VERSION + " of " + fingerprint.hex() + "\n");
        long end = 0;
        for (Entry entry : catalogue.entries()) {
            StoredMatrix stored = catalogue.stored(entry);
            WeightFormat format = catalogue.format(entry);
            long bytes = PackedMatrix.packedBytes(format, stored.rows(), stored.columns());
            parts.put(entry, new Part(end, bytes));
            description.append(
                    "%s %d %d: %s [%d, %d] at %d\n"
                            .formatted(
                                    entry.role(),
                                    entry.layer(),
                                    entry.expert(),
                                    format,
                                    stored.rows(),
                                    stored.columns(),
                                    end));
            end = Math.ceilDiv(end + bytes, ALIGNMENT) * ALIGNMENT;
        }
        return new PackedImage(PackedKey.of(description.toString(), end), Map.copyOf(parts));
    }
}
