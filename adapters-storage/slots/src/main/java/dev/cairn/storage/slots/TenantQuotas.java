package dev.cairn.storage.slots;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quotas of tenants that are named, by how their digests begin. */
final class TenantQuotas {

    private static final Pattern ENTRY =
            Pattern.compile("([0-9a-f]{8,64})=([0-9]{1,15}) *([kmgt]i?b?|b?)");

    private TenantQuotas() {}

    /**
     * @param entries {@code TENANT=SIZE} each
     * @throws IllegalArgumentException for an entry that makes no sense, or two that may mean one
     *     tenant; for the user
     */
    static Map<String, Long> read(List<String> entries) {
        Map<String, Long> quotas = new LinkedHashMap<>();
        for (String entry : entries) {
            Matcher parts = ENTRY.matcher(entry.strip().toLowerCase(Locale.ROOT));
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "\"%s\" is no quota; write 8 or more characters of a tenant's digest and a size: 1f3a9c02=512MiB"
                                .formatted(entry));
            }
            String tenant = parts.group(1);
            for (String other : quotas.keySet()) {
                if (other.startsWith(tenant) || tenant.startsWith(other)) {
                    throw new IllegalArgumentException(
                            "%s and %s may be one tenant; name it once".formatted(other, tenant));
                }
            }
            quotas.put(tenant, bytes(Long.parseLong(parts.group(2)), parts.group(3)));
        }
        return quotas;
    }

    private static long bytes(long count, String unit) {
        int power = unit.isEmpty() ? 0 : "bkmgt".indexOf(unit.charAt(0));
        try {
            return Math.multiplyExact(count, 1L << (10 * power));
        } catch (ArithmeticException tooMuch) {
            throw new IllegalArgumentException(count + unit + " is more than there can be");
        }
    }

    /**
     * Quotas that were given by name must fit beside each other.
     *
     * @throws IllegalArgumentException if they do not; for the user
     */
    static void checkFit(Map<String, Long> quotas, long capacityBytes) {
        long left = capacityBytes;
        for (long quota : quotas.values()) {
            left -= Math.min(quota, Long.MAX_VALUE / 2);
            if (left < 0) {
                throw new IllegalArgumentException(
                        "the tenants' quotas add up to more than the %d bytes of the tier; make them smaller, or the tier larger"
                                .formatted(capacityBytes));
            }
        }
    }

    /** The quota of a tenant, or {@code otherwise} if it is not named. */
    static long of(Map<String, Long> quotas, String tenant, long otherwise) {
        Long exact = quotas.get(tenant);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, Long> each : quotas.entrySet()) {
            if (tenant.startsWith(each.getKey())) {
                return each.getValue();
            }
        }
        return otherwise;
    }
}
