package dev.cairn.plugin.device;

/**
 * What a mixture of experts does on a device; as {@link Operations}, which it is a part of. A
 * choice is a row's place for one of its experts: {@code row * perRow + k}.
 *
 * <p>Threads: the device's owner.
 */
public interface ExpertOperations {

    /** Chooses experts for rows of router logits: int32 and float32 {@code [rows, perRow]}. */
    void route(
            long logits,
            int experts,
            int perRow,
            boolean renormalise,
            long chosen,
            long weights,
            int rows);

    /** Numbers that {@link #group} needs room for, int32. */
    static long groupInts(long choices, int experts) {
        return choices + experts + 3 * (Math.ceilDiv(choices, 8) + experts);
    }

    /**
     * Sorts choices by their expert, so that one reading of an expert serves many.
     *
     * @param groups room for {@link #groupInts}
     */
    void group(long chosen, int experts, int choices, long groups);

    /**
     * {@code output[choice] = experts[chosen[choice]] · input[choice / perInput]}, float32.
     *
     * @param experts matrices of all experts, one behind the other; {@code rows} is that of one
     * @param count of experts
     * @param groups what {@link #group} has made of the choices; 0 = each choice reads its expert
     * @param outputWidth elements from one row of the output to the next
     */
    void multiply(
            DeviceMatrix experts,
            int count,
            long chosen,
            long groups,
            int perInput,
            long input,
            long output,
            int outputWidth,
            int choices);

    /** {@code output[row]} = the weighted sum of its {@code perRow} rows of {@code outputs}. */
    void sum(long outputs, long weights, int perRow, long output, int width, int rows);
}
