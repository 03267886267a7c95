package dev.cairn.storage.slots;

import java.util.Map;

/**
 * Who may stay, and for how long.
 *
 * @param policy who leaves first
 * @param ttlMillis after which a block is no longer served; 0 = never. Counted on the wall clock,
 *     because it goes on while the program does not run.
 * @param tenantBytes what each tenant may hold that is not named in {@code quotas}; {@link
 *     Long#MAX_VALUE} = no limit
 * @param quotas bytes by tenant
 */
public record Retention(
        EvictionPolicy policy, long ttlMillis, long tenantBytes, Map<String, Long> quotas) {

    public Retention {
        quotas = Map.copyOf(quotas);
        if (ttlMillis < 0 || tenantBytes < 0) {
            throw new IllegalArgumentException("times and quotas cannot be negative");
        }
        if (policy == EvictionPolicy.TTL && ttlMillis == 0) {
            throw new IllegalArgumentException(
                    "the policy ttl needs to know how long a block may stay");
        }
    }

    public static Retention of(EvictionPolicy policy) {
        return new Retention(policy, 0, Long.MAX_VALUE, Map.of());
    }

    /** The quotas that were given by name must fit beside each other. */
    void checkAgainst(long capacityBytes) {
        long sum = quotas.values().stream().mapToLong(Long::longValue).sum();
        if (sum > capacityBytes) {
            throw new IllegalArgumentException(
                    "the tenants' quotas add up to %d bytes, the tier holds %d"
                            .formatted(sum, capacityBytes));
        }
    }

    long quotaOf(String tenant) {
        return tenant.isEmpty() ? Long.MAX_VALUE : quotas.getOrDefault(tenant, tenantBytes);
    }
}
