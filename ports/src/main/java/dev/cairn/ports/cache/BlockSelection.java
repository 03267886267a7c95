package dev.cairn.ports.cache;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Blocks by what is known of them; a block is selected if every part that is present holds.
 *
 * @param model {@link BlockKey#model}
 * @param tenant digest that quotas are counted under
 * @param storedBefore milliseconds since 1970-01-01T00:00Z
 */
public record BlockSelection(
        Optional<String> model, Optional<String> tenant, OptionalLong storedBefore) {

    public static final BlockSelection ALL =
            new BlockSelection(Optional.empty(), Optional.empty(), OptionalLong.empty());

    public static BlockSelection ofModel(String model) {
        return new BlockSelection(Optional.of(model), Optional.empty(), OptionalLong.empty());
    }

    public static BlockSelection ofTenant(String tenant) {
        return new BlockSelection(Optional.empty(), Optional.of(tenant), OptionalLong.empty());
    }

    public static BlockSelection storedBefore(long epochMillis) {
        return new BlockSelection(Optional.empty(), Optional.empty(), OptionalLong.of(epochMillis));
    }

    public boolean selects(String ofModel, String ofTenant, long storedEpochMillis) {
        return (model.isEmpty() || model.get().equals(ofModel))
                && (tenant.isEmpty() || tenant.get().equals(ofTenant))
                && (storedBefore.isEmpty() || storedEpochMillis < storedBefore.getAsLong());
    }
}
