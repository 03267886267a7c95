package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.Product;
import java.util.List;

/** The second half of a layer: from normed rows in the operand to the branch. */
sealed interface FeedForwardPass {

    /** What the normed rows are to be. */
    ElementType operand();

    void run(Operations operations, Activations rooms, StepPlan plan);

    /**
     * Every row through the same unit.
     *
     * @param inputs products that make gate and up
     * @param inputOffsets bytes in a row where each of them puts its result
     * @param adaptedInputs what adapters add to them
     * @param adaptedDown what adapters add to {@code down}
     */
    record Single(
            List<Product> inputs,
            long[] inputOffsets,
            AdapterPass adaptedInputs,
            Product down,
            AdapterPass adaptedDown,
            boolean gelu,
            int width)
            implements FeedForwardPass {

        @Override
        public ElementType operand() {
            return inputs.getFirst().operand();
        }

        @Override
        public void run(Operations operations, Activations rooms, StepPlan plan) {
            int rows = plan.rows();
            for (int i = 0; i < inputs.size(); i++) {
                inputs.get(i).run(rooms.operand(), rooms.gateUp() + inputOffsets[i], rows);
            }
            adaptedInputs.run(operations, rooms, plan, rooms.gateUp());
            operations.gate(rooms.gateUp(), gelu, rooms.operand(), down.operand(), width, rows);
            down.run(rooms.operand(), rooms.branch(), rows);
            adaptedDown.run(operations, rooms, plan, rooms.branch());
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
        public void run(Operations operations, Activations rooms, StepPlan plan) {
            int rows = plan.rows();
            Activations.ExpertRooms own = rooms.experts();
            int width = gate.rows();
            int choices = rows * perRow;
            ExpertOperations mixture = operations.experts();
            router.run(rooms.operand(), own.logits(), rows);
            mixture.route(
                    own.logits(), experts, perRow, renormalise, own.chosen(), own.weights(), rows);
            // with fewer choices than experts most would be alone
            boolean grouped = choices > experts;
            if (grouped) {
                mixture.group(own.chosen(), experts, choices, own.groups());
            }
            Choices all = new Choices(mixture, experts, own, grouped ? own.groups() : 0, choices);
            all.multiply(gate, perRow, rooms.operand(), own.gateUp(), 2 * width);
            all.multiply(up, perRow, rooms.operand(), own.gateUp() + 4L * width, 2 * width);
            operations.gate(own.gateUp(), gelu, own.gated(), ElementType.FLOAT32, width, choices);
            all.multiply(down, 1, own.gated(), own.outputs(), down.rows());
            mixture.sum(own.outputs(), own.weights(), perRow, rooms.branch(), down.rows(), rows);
        }

        /** The choices of a step's rows. */
        private record Choices(
                ExpertOperations mixture,
                int experts,
                Activations.ExpertRooms rooms,
                long groups,
                int count) {

            void multiply(DeviceMatrix matrices, int perInput, long input, long output, int width) {
                mixture.multiply(
                        matrices,
                        experts,
                        rooms.chosen(),
                        groups,
                        perInput,
                        input,
                        output,
                        width,
                        count);
            }
        }
    }
}
