package dev.cairn.engine.models.files;

import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A named array in a model file.
 *
 * @param file for messages
 * @param name as the file calls it
 * @param encoding as the file calls it, for messages: {@code "BF16"}, {@code "Q4_K"}
 * @param type the encoding, if it is one that engines read
 * @param shape sizes from the outermost (rows) to the innermost (columns)
 * @param bytes the mapped data, exactly as long as type and shape ask; empty if the type is unknown
 */
record Tensor(
        String file,
        String name,
        String encoding,
        Optional<WeightType> type,
        List<Long> shape,
        MemorySegment bytes) {

    String described() {
        return file + ": tensor " + name;
    }
}
