package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The statistics of a run. Latencies are of requests that were answered, in milliseconds; rates are
 * per second of the run, from the first request to the last answer.
 *
 * @param requests that were sent
 * @param errors by kind, those aside that were broken off because the run was ended early
 * @param cancelled broken off for that reason, with those that waited for them
 * @param cachedTokens of prompts; -1 where no answer told
 * @param tokens how the tokens of the answers were counted
 * @param good requests that kept the objective
 * @param cpuShare of one core that this process took
 * @param lateMillis how much later than due requests were sent
 */
public record LoadSummary(
        int requests,
        int answered,
        Map<String, Long> errors,
        int cancelled,
        long promptTokens,
        long outputTokens,
        long cachedTokens,
        TokenCheck tokens,
        Spread firstToken,
        Spread perToken,
        Spread betweenChunks,
        Spread endToEnd,
        double seconds,
        int good,
        double cpuShare,
        Spread lateMillis) {

    /**
     * Tokens counted by usage beside what was seen.
     *
     * @param withoutUsage answers whose tokens are counted by chunks, for want of usage
     * @param chunks with text, of all answers
     * @param moreChunks answers with more chunks than tokens, which a server must not give
     * @param otherOutput answers of another length than was asked for
     * @param otherPrompt prompts of another length than was meant
     */
    public record TokenCheck(
            int withoutUsage, long chunks, int moreChunks, int otherOutput, int otherPrompt) {

        static TokenCheck of(List<RequestRecord> answered) {
            return new TokenCheck(
                    count(answered, each -> each.answer().usage().isEmpty()),
                    answered.stream().mapToLong(each -> each.answer().stamps().length).sum(),
                    count(answered, each -> each.answer().stamps().length > each.outputTokens()),
                    count(answered, each -> each.outputTokens() != each.turn().outputTokens()),
                    count(
                            answered,
                            each ->
                                    each.turn().promptTokens() >= 0
                                            && each.promptTokens() != each.turn().promptTokens()));
        }

        private static int count(
                List<RequestRecord> records, java.util.function.Predicate<RequestRecord> wanted) {
            return (int) records.stream().filter(wanted).count();
        }
    }

    public static LoadSummary of(LoadRun.Outcome outcome, Slo slo) {
        List<RequestRecord> answered =
                outcome.records().stream().filter(each -> each.answer().answered()).toList();
        Map<String, Long> problems =
                outcome.records().stream()
                        .flatMap(each -> each.answer().problem().stream())
                        .collect(
                                Collectors.groupingBy(
                                        Problem::kind, TreeMap::new, Collectors.counting()));
        int cancelled = 0;
        if (outcome.stopped()) {
            cancelled += Math.toIntExact(removed(problems, Problem.CANCELLED));
            cancelled += Math.toIntExact(removed(problems, Problem.SKIPPED));
        }
        double seconds = outcome.wallNanos() / 1e9;
        return new LoadSummary(
                outcome.records().size(),
                answered.size(),
                problems,
                cancelled,
                answered.stream().mapToLong(RequestRecord::promptTokens).sum(),
                answered.stream().mapToLong(RequestRecord::outputTokens).sum(),
                cached(answered),
                TokenCheck.of(answered),
                Spread.of(
                        answered.stream()
                                .flatMapToDouble(each -> each.firstTokenMillis().stream())),
                Spread.of(
                        answered.stream().flatMapToDouble(each -> each.perTokenMillis().stream())),
                Spread.of(gaps(answered)),
                Spread.of(answered.stream().mapToDouble(RequestRecord::endToEndMillis)),
                seconds,
                (int) answered.stream().filter(slo::keptBy).count(),
                outcome.wallNanos() == 0 ? 0 : (double) outcome.cpuNanos() / outcome.wallNanos(),
                Spread.of(
                        outcome.records().stream()
                                .mapToDouble(
                                        each ->
                                                (each.answer().startNanos() - each.dueNanos())
                                                        / 1e6)));
    }

    /** Share of prompt tokens that the server had computed before. */
    public double cachedShare() {
        return cachedTokens < 0 || promptTokens == 0
                ? Double.NaN
                : (double) cachedTokens / promptTokens;
    }

    private static long removed(Map<String, Long> problems, String kind) {
        Long count = problems.remove(kind);
        return count == null ? 0 : count;
    }

    private static long cached(List<RequestRecord> answered) {
        List<Long> told =
                answered.stream()
                        .map(RequestRecord::answer)
                        .map(Streamed::usage)
                        .flatMap(usage -> usage.flatMap(TokenUsage::cached).stream())
                        .toList();
        return told.isEmpty() ? -1 : told.stream().mapToLong(Long::longValue).sum();
    }

    private static List<Double> gaps(List<RequestRecord> answered) {
        List<Double> gaps = new ArrayList<>();
        for (RequestRecord record : answered) {
            long[] stamps = record.answer().stamps();
            for (int i = 1; i < stamps.length; i++) {
                gaps.add((stamps[i] - stamps[i - 1]) / 1e6);
            }
        }
        return gaps;
    }
}
