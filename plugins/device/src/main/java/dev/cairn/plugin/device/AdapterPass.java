package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.AdaptedProducts;
import dev.cairn.ports.model.WeightRole;
import java.util.List;

/** Adds to products of one input what rows' LoRA adapters make of it. */
record AdapterPass(AdaptedProducts products) {

    /**
     * @param roles of the products, in the order in which adapters have their pairs
     * @param widths of their outputs, which lie one behind the other
     */
    static AdapterPass of(
            int layer, List<WeightRole> roles, int[] widths, int columns, ElementType operand) {
        return new AdapterPass(
                new AdaptedProducts(
                        AdapterImage.entry(roles.getFirst(), layer), widths, columns, operand));
    }

    /**
     * @param output what the products have made of the rows in {@code rooms.operand()}
     */
    void run(Operations operations, Activations rooms, StepPlan plan, long output) {
        if (plan.rank() > 0) {
            operations.adapt(
                    products,
                    rooms.adapterTable(),
                    plan.adapters(),
                    plan.rank(),
                    rooms.operand(),
                    rooms.narrow(),
                    output,
                    plan.rows());
        }
    }
}
