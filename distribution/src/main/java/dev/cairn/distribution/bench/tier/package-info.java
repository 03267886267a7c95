/**
 * {@code cairn bench tiers}: what the cache tiers move per second, beside what the machine could
 * move without them in the same minute. Start at {@link
 * dev.cairn.distribution.bench.tier.TierBenchmark}. Depends on {@code ports} and {@code bench}.
 */
package dev.cairn.distribution.bench.tier;
