package dev.cairn.core.fleet;

import dev.cairn.core.route.Decision;
import dev.cairn.core.route.Shadowed;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was decided on one request, and what came of it.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Story {

    private static final int MOST_CANDIDATES = 8;
    private static final int MOST_CHAPTERS = 16;
    private static final double MILLIS = 1e-6;

    private final String request;
    private final int promptTokens;
    private final long arrivedNanos;
    private final List<Chapter> chapters = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();
    private Wait wait;
    private int untold;
    private String outcome = "runs";
    private long endedNanos;

    Story(RoutedRequest request, long nanos) {
        this.request = request.id();
        this.promptTokens = request.request().prompt().length;
        this.arrivedNanos = nanos;
    }

    String request() {
        return request;
    }

    long arrivedNanos() {
        return arrivedNanos;
    }

    /**
     * What was expected of a worker.
     *
     * @param uncached prompt tokens that are computed for it
     * @param work prompt tokens that are computed until it is read, others' included
     * @param readNanos until then; 0 = too little was known
     */
    record Expected(int uncached, long work, long readNanos) {}

    /** It was sent somewhere; what came of it is asked of the result. */
    Chapter sent(Decision decision, Decision prefill, Expected expected, long nanos) {
        Chapter chapter = new Chapter(decision, prefill, expected, nanos);
        if (chapters.size() < MOST_CHAPTERS) {
            chapters.add(chapter);
        } else {
            untold++;
        }
        return chapter;
    }

    /** It waits here from now on; of one that does so already, what for is another matter now. */
    void waits(Wait.Reason reason, long before, long nanos) {
        if (wait == null || wait.reason() != reason) {
            waitsNoMore(nanos);
            wait = Wait.from(reason, before, nanos);
        }
    }

    /** It is sent, or refused. Returns the wait that is over. */
    Optional<Wait> waitsNoMore(long nanos) {
        Optional<Wait> over = Optional.ofNullable(wait).map(it -> it.until(nanos));
        wait = null;
        over.filter(_ -> waits.size() < MOST_CHAPTERS).ifPresent(waits::add);
        return over;
    }

    void ended(String how, long nanos) {
        outcome = how;
        endedNanos = nanos;
    }

    JsonObject json() {
        JsonValue.Builder story =
                JsonObject.builder()
                        .put("request", request)
                        .put("prompt_tokens", promptTokens)
                        .put("outcome", outcome);
        if (endedNanos != 0) {
            story.put("total_ms", (endedNanos - arrivedNanos) * MILLIS);
        }
        if (untold > 0) {
            story.put("attempts_left_out", untold);
        }
        List<JsonValue> waited = new ArrayList<>();
        waits.forEach(each -> waited.add(each.json()));
        if (wait != null) {
            waited.add(wait.json());
        }
        if (!waited.isEmpty()) {
            story.put("waits", JsonValue.array(waited));
        }
        return story.put(
                        "attempts",
                        JsonValue.array(
                                chapters.stream()
                                        .<JsonValue>map(each -> each.json(arrivedNanos))
                                        .toList()))
                .build();
    }

    /** Its time at one worker. */
    static final class Chapter {

        private final Decision decision;
        private final Decision prefill;
        private final Expected expected;
        private final long sentNanos;
        private SplitChoice.Forecast forecast;
        private int cached = -1;
        private long readNanos;
        private long firstTokenNanos;
        private String outcome = "runs";

        private Chapter(Decision decision, Decision prefill, Expected expected, long sentNanos) {
            this.decision = decision;
            this.prefill = prefill;
            this.expected = expected;
            this.sentNanos = sentNanos;
        }

        /**
         * The prompt is computed.
         *
         * @param cachedTokens -1 = not told
         */
        void read(int cachedTokens, long nanos) {
            if (readNanos == 0) {
                readNanos = nanos;
                cached = cachedTokens;
            }
        }

        /** Tokens came; the first of them counts. */
        void generated(long nanos) {
            if (firstTokenNanos == 0) {
                firstTokenNanos = nanos;
            }
        }

        void ended(String how) {
            outcome = how;
        }

        /** Whether somebody else should read the prompt was weighed. */
        void divided(SplitChoice.Forecast how) {
            forecast = how;
        }

        /** What a policy besides would have done. */
        Optional<Shadowed> shadow() {
            return decision.shadow();
        }

        private JsonObject json(long arrivedNanos) {
            JsonValue.Builder chapter =
                    JsonObject.builder()
                            .put("worker", decision.worker())
                            .put("outcome", outcome)
                            .put("sent_after_ms", (sentNanos - arrivedNanos) * MILLIS)
                            .put("predicted_uncached_tokens", expected.uncached());
            if (cached >= 0) {
                chapter.put("actual_uncached_tokens", decision.question().promptTokens() - cached);
            }
            if (forecast != null) {
                chapter.put("split", forecast.json());
            }
            if (readNanos != 0) {
                chapter.put("read_after_ms", (readNanos - sentNanos) * MILLIS);
            }
            chapter.put("predicted", predicted()).put("actual", actual(arrivedNanos));
            chapter.put("decision", decision.json(MOST_CANDIDATES));
            if (prefill != null) {
                chapter.put("prefill_decision", prefill.json(MOST_CANDIDATES));
            }
            return chapter.build();
        }

        private JsonObject predicted() {
            JsonValue.Builder predicted =
                    JsonObject.builder()
                            .put("cost", decision.cost())
                            .put(
                                    "cached_tokens",
                                    decision.question().promptTokens() - expected.uncached())
                            .put("prompt_tokens_computed_until_read", expected.work());
            if (expected.readNanos() != 0) {
                predicted.put("read_ms", expected.readNanos() * MILLIS);
            }
            return predicted.build();
        }

        /** As far as it has come: what was not told yet is not there. */
        private JsonObject actual(long arrivedNanos) {
            JsonValue.Builder actual = JsonObject.builder();
            decision.costWith(cached).ifPresent(cost -> actual.put("cost", cost));
            if (cached >= 0) {
                actual.put("cached_tokens", cached);
            }
            if (readNanos != 0) {
                actual.put("read_ms", (readNanos - sentNanos) * MILLIS);
            }
            if (firstTokenNanos != 0) {
                actual.put("first_token_ms", (firstTokenNanos - arrivedNanos) * MILLIS);
            }
            return actual.build();
        }
    }
}
