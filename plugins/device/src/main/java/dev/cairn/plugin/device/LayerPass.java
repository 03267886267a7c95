package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.AttentionLayer;
import dev.cairn.plugin.device.Operations.AttentionRows;
import dev.cairn.plugin.device.Operations.Product;
import java.util.List;

/**
 * One layer on its way through the device.
 *
 * @param norm {@code [hidden]}, before attention
 * @param attention what does not change from step to step
 * @param group of its keys and values
 * @param tileKind which of the step's cuts into tiles it takes
 * @param inputs products that make queries, keys and values
 * @param inputOffsets bytes in a row of heads where each of them puts its result
 * @param adaptedInputs what adapters add to them
 * @param output product behind attention
 * @param adaptedOutput what adapters add to it
 * @param outputBias {@code [hidden]}; 0 = none
 * @param postNorm {@code [hidden]}, of the attention's branch; 0 = none
 * @param feedForwardNorm {@code [hidden]}
 * @param feedForward its second half
 * @param postFeedForwardNorm {@code [hidden]}; 0 = none
 */
record LayerPass(
        long norm,
        AttentionLayer attention,
        int group,
        int tileKind,
        List<Product> inputs,
        long[] inputOffsets,
        AdapterPass adaptedInputs,
        Product output,
        AdapterPass adaptedOutput,
        long outputBias,
        long postNorm,
        long feedForwardNorm,
        FeedForwardPass feedForward,
        long postFeedForwardNorm) {

    /**
     * Puts the layer's work on the stream. The residual lacks what the layer before has added: its
     * branch waits.
     *
     * @param waiting whether there is such a branch
     * @param branchNorm {@code [hidden]} for it; 0 = none
     */
    void run(
            Operations operations,
            Activations rooms,
            StepPlan plan,
            AttentionRows rows,
            boolean waiting,
            long branchNorm,
            int hidden,
            float epsilon) {
        int count = plan.rows();
        operations.addNorm(
                rooms.residual(),
                waiting ? rooms.branch() : 0,
                branchNorm,
                norm,
                epsilon,
                0,
                rooms.operand(),
                inputs.getFirst().operand(),
                hidden,
                count);
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).run(rooms.operand(), rooms.heads() + inputOffsets[i], count);
        }
        adaptedInputs.run(operations, rooms, plan, rooms.heads());
        rows.values = rooms.heads();
        plan.point(rows, group, tileKind);
        operations.shapeHeads(attention, rows, count);
        operations.attend(
                attention,
                rows,
                rooms.partials(),
                rooms.mostPartitions(),
                rooms.operand(),
                output.operand());
        output.run(rooms.operand(), rooms.branch(), count);
        adaptedOutput.run(operations, rooms, plan, rooms.branch());
        if (outputBias != 0) {
            operations.addBias(rooms.branch(), outputBias, hidden, count);
        }
        operations.addNorm(
                rooms.residual(),
                rooms.branch(),
                postNorm,
                feedForwardNorm,
                epsilon,
                0,
                rooms.operand(),
                feedForward.operand(),
                hidden,
                count);
        feedForward.run(operations, rooms, plan);
    }
}
