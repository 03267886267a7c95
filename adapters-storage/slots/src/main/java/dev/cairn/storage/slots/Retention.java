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
 * @param quotas bytes by tenant, or by how its digest begins
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

    /**
     * @throws IllegalArgumentException if quotas that were given by name do not fit beside each
     *     other
     */
    void checkAgainst(long capacityBytes) {
        TenantQuotas.checkFit(quotas, capacityBytes);
    }

    long quotaOf(String tenant) {
        return tenant.isEmpty() ? Long.MAX_VALUE : TenantQuotas.of(quotas, tenant, tenantBytes);
    }
}
