package dev.cairn.storage.slots;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The settings that every tier has, under its own prefix.
 *
 * @param prefix for example {@code "cairn.cache.host."}
 */
public record RetentionSettings(String prefix) {

    private static final int MOST_QUEUED = 1 << 20;
    private static final int MOST_THREADS = 256;

    /**
     * @param queue how many blocks may wait, by default
     * @param threads by default
     * @param threadsMean what they do, for the user
     */
    public List<SettingDescription> describe(int queue, int threads, String threadsMean) {
        List<SettingDescription> settings = new ArrayList<>();
        settings.add(
                SettingDescription.of(
                        prefix + "eviction",
                        Type.STRING,
                        EvictionPolicy.LRU.label(),
                        "Which block leaves first: "
                                + Arrays.stream(EvictionPolicy.values())
                                        .map(EvictionPolicy::label)
                                        .collect(Collectors.joining(", "))
                                + "."));
        settings.add(
                SettingDescription.optional(
                        prefix + "ttl",
                        Type.DURATION,
                        "How long a block is served; unset: until it is evicted."));
        settings.add(
                SettingDescription.optional(
                        prefix + "tenant-quota",
                        Type.SIZE,
                        "Most that one tenant's blocks may take; unset: all of the tier."));
        settings.add(
                SettingDescription.optional(
                        prefix + "tenant-quotas",
                        Type.LIST,
                        "Other quotas for some tenants: TENANT=SIZE, with the tenant as `cairn"
                                + " cache` shows it, or how that begins (8 characters at least)."
                                + " Together they must fit in the tier."));
        settings.add(
                SettingDescription.of(
                        prefix + "queue",
                        Type.INTEGER,
                        Integer.toString(queue),
                        "Blocks that may wait to be read, and as many to be written; more are"
                                + " dropped."));
        settings.add(
                SettingDescription.of(
                        prefix + "threads", Type.INTEGER, Integer.toString(threads), threadsMean));
        return settings;
    }

    /**
     * @param capacityBytes of the tier
     * @throws Settings.SettingException if a value makes no sense; names the key
     */
    public Retention read(Settings settings, long capacityBytes) {
        Map<String, Long> quotas = quotas(settings, capacityBytes);
        String eviction = prefix + "eviction";
        long ttl = settings.duration(prefix + "ttl").map(Duration::toMillis).orElse(0L);
        OptionalLong quota = settings.size(prefix + "tenant-quota");
        try {
            return new Retention(
                    EvictionPolicy.of(settings.text(eviction).orElse("")),
                    ttl,
                    quota.orElse(Long.MAX_VALUE),
                    quotas);
        } catch (IllegalArgumentException e) {
            throw new Settings.SettingException(eviction + ": " + e.getMessage());
        }
    }

    private Map<String, Long> quotas(Settings settings, long capacityBytes) {
        String key = prefix + "tenant-quotas";
        try {
            Map<String, Long> quotas = TenantQuotas.read(settings.list(key));
            TenantQuotas.checkFit(quotas, capacityBytes);
            return quotas;
        } catch (IllegalArgumentException e) {
            throw new Settings.SettingException(key + ": " + e.getMessage());
        }
    }

    public int queue(Settings settings) {
        return positive(settings, prefix + "queue", MOST_QUEUED);
    }

    public int threads(Settings settings) {
        return positive(settings, prefix + "threads", MOST_THREADS);
    }

    private static int positive(Settings settings, String key, int most) {
        long value = settings.integer(key).orElse(1);
        if (value < 1 || value > most) {
            throw new Settings.SettingException(
                    "%s: %d cannot be; write 1 to %d".formatted(key, value, most));
        }
        return (int) value;
    }
}
