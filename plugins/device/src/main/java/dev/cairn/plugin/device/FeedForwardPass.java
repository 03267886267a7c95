package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.Product;
import java.util.List;

/** The second half of a layer: from normed rows in the operand to the branch. */
sealed interface FeedForwardPass {

    /** What the normed rows are to be. */
    ElementType operand();

    void run(Operations operations, Activations rooms, int rows);

    /**
     * Every row through the same unit.
     *
     * @param inputs products that make gate and up
     * @param inputOffsets bytes in a row where each of them puts its result
     */
    record Single(List<Product> inputs, long[] inputOffsets, Product down, boolean gelu, int width)
            implements FeedForwardPass {

        @Override
        public ElementType operand() {
            return inputs.getFirst().operand();
        }

        @Override
        public void run(Operations operations, Activations rooms, int rows) {
            for (int i = 0; i < inputs.size(); i++) {
                inputs.get(i).run(rooms.operand(), rooms.gateUp() + inputOffsets[i], rows);
            }
            operations.gate(rooms.gateUp(), gelu, rooms.operand(), down.operand(), width, rows);
            down.run(rooms.operand(), rooms.branch(), rows);
        }
    }

    /**
     * A mixture of experts: each row through those it chose.
     *
     * @param gate matrices {@code [width, hidden]} of all experts
     */
    record Routed(
            Product router,
            DeviceMatrix gate,
            DeviceMatrix up,
            DeviceMatrix down,
            int experts,
            int perRow,
            boolean renormalise,
            boolean gelu)
            implements FeedForwardPass {

        @Override
        public ElementType operand() {
            return ElementType.FLOAT32;
        }

        @Override
        public void run(Operations operations, Activations rooms, int rows) {
            Activations.ExpertRooms own = rooms.experts();
            int width = gate.rows();
            int choices = rows * perRow;
            router.run(rooms.operand(), own.logits(), rows);
            operations.route(
                    own.logits(), experts, perRow, renormalise, own.chosen(), own.weights(), rows);
            operations.multiplyExperts(
                    gate, own.chosen(), perRow, rooms.operand(), own.gateUp(), 2 * width, choices);
            operations.multiplyExperts(
                    up,
                    own.chosen(),
                    perRow,
                    rooms.operand(),
                    own.gateUp() + 4L * width,
                    2 * width,
                    choices);
            operations.gate(own.gateUp(), gelu, own.gated(), ElementType.FLOAT32, width, choices);
            operations.multiplyExperts(
                    down, own.chosen(), 1, own.gated(), own.outputs(), down.rows(), choices);
            operations.sumExperts(
                    own.outputs(), own.weights(), perRow, rooms.branch(), down.rows(), rows);
        }
    }
}
