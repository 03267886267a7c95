package dev.cairn.core.request;

import dev.cairn.ports.request.AccountRules;
import java.util.concurrent.TimeUnit;

/**
 * What is left of an account's limits: two token buckets, filled evenly and never above a minute's
 * worth, and the tokens of a day. Immutable; every change is a new one.
 *
 * @param requests in the bucket, may be a fraction
 * @param tokens in the bucket; below zero after an answer that was longer than what was left
 * @param filledNanos when the buckets were filled last
 * @param day since 1970-01-01, UTC
 * @param spentToday tokens of that day
 */
record Allowance(double requests, double tokens, long filledNanos, long day, long spentToday) {

    private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    /** Everything that the rules give. */
    static Allowance full(AccountRules rules, long nanos, long epochMillis) {
        return new Allowance(
                requestsPerMinute(rules),
                tokensPerMinute(rules),
                nanos,
                epochMillis / DAY_MILLIS,
                0);
    }

    /** With what has come in since. */
    Allowance at(AccountRules rules, long nanos, long epochMillis) {
        double minutes = Math.max(0, nanos - filledNanos) / MINUTE_NANOS;
        long today = epochMillis / DAY_MILLIS;
        return new Allowance(
                filled(requests, minutes, requestsPerMinute(rules)),
                filled(tokens, minutes, tokensPerMinute(rules)),
                Math.max(nanos, filledNanos),
                today,
                today == day ? spentToday : 0);
    }

    /** One request less. */
    Allowance asked() {
        return new Allowance(requests - 1, tokens, filledNanos, day, spentToday);
    }

    /** So many tokens less. */
    Allowance spent(long count) {
        return new Allowance(requests, tokens - count, filledNanos, day, spentToday + count);
    }

    /** Until one more request may be sent; 0 = now. */
    long millisToRequest(AccountRules rules) {
        return millis(1 - requests, requestsPerMinute(rules));
    }

    /** Until the bucket of tokens has something in it; 0 = now. */
    long millisToTokens(AccountRules rules) {
        return tokens > 0 ? 0 : millis(1 - tokens, tokensPerMinute(rules));
    }

    /** Until the next day begins, where this one's tokens are spent; 0 = they are not. */
    long millisToDay(AccountRules rules, long epochMillis) {
        return rules.tokensPerDay().isPresent() && spentToday >= rules.tokensPerDay().getAsLong()
                ? DAY_MILLIS - Math.floorMod(epochMillis, DAY_MILLIS)
                : 0;
    }

    private static double filled(double level, double minutes, double perMinute) {
        return Double.isInfinite(perMinute)
                ? perMinute
                : Math.min(perMinute, level + minutes * perMinute);
    }

    private static long millis(double missing, double perMinute) {
        return missing <= 0 ? 0 : (long) Math.ceil(missing / perMinute * 60_000);
    }

    private static double requestsPerMinute(AccountRules rules) {
        return rules.requestsPerMinute().isPresent()
                ? rules.requestsPerMinute().getAsInt()
                : Double.POSITIVE_INFINITY;
    }

    private static double tokensPerMinute(AccountRules rules) {
        return rules.tokensPerMinute().isPresent()
                ? rules.tokensPerMinute().getAsLong()
                : Double.POSITIVE_INFINITY;
    }
}
