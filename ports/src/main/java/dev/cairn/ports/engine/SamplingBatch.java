package dev.cairn.ports.engine;

import java.util.List;

/** How each row of a step's logits is used, in the order of the batch's rows. */
public record SamplingBatch(List<SamplingRow> rows) {

    public SamplingBatch {
        rows = List.copyOf(rows);
    }
}
