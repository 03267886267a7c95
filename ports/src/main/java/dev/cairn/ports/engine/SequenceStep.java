package dev.cairn.ports.engine;

/**
 * What one sequence computes in a step. Arrays are not copied: the caller leaves them alone until
 * the step is reported.
 *
 * @param tokens ids to process, at positions {@code firstPosition ..}; at least one
 * @param firstPosition tokens of the sequence whose keys and values are already in its blocks
 * @param blockTables {@code [group][block]}: entry i of a group's table is the block of positions
 *     {@code i * blockTokens ..}; long enough for the last token; {@code LayerGroup.RELEASED} where
 *     the window has passed
 * @param logitsFrom offset of the first token whose logits are wanted; all from there to the end
 *     are; {@code tokens.length} = none
 * @param adapter slot of a LoRA adapter from {@link AdapterPort}, or -1
 * @param gate how far what is read has come; {@link LayerGate#OPEN} unless the runner {@link
 *     ModelRunner#waitsAtGates}
 * @param longForm whether positions enter by the second form of {@link
 *     dev.cairn.ports.model.RotaryEncoding#beyond}; the same for all steps of a sequence, and for
 *     all who share its blocks
 */
public record SequenceStep(
        int[] tokens,
        int firstPosition,
        int[][] blockTables,
        int logitsFrom,
        int adapter,
        LayerGate gate,
        boolean longForm) {

    public SequenceStep {
        if (tokens.length == 0
                || firstPosition < 0
                || logitsFrom < 0
                || logitsFrom > tokens.length) {
            throw new IllegalArgumentException(
                    "a sequence brings at least one token; logitsFrom "
                            + logitsFrom
                            + " of "
                            + tokens.length
                            + ", first position "
                            + firstPosition);
        }
    }

    /** A step that reads nothing that is not there. */
    public SequenceStep(
            int[] tokens, int firstPosition, int[][] blockTables, int logitsFrom, int adapter) {
        this(tokens, firstPosition, blockTables, logitsFrom, adapter, LayerGate.OPEN, false);
    }

    /** A step of a sequence whose positions enter by the first form, or the only one. */
    public SequenceStep(
            int[] tokens,
            int firstPosition,
            int[][] blockTables,
            int logitsFrom,
            int adapter,
            LayerGate gate) {
        this(tokens, firstPosition, blockTables, logitsFrom, adapter, gate, false);
    }
}
