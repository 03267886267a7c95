package dev.cairn.core.fleet;

import dev.cairn.core.route.Pick;
import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * Whether somebody else reads a prompt. A prompt that is short, or mostly cached where it is
 * answered, is read there: moving its blocks would cost more than it saves (the rule and its form
 * are Dynamo's conditional disaggregation). Of the others those are read elsewhere that are sooner
 * read so, by what it took lately: there with the way of the blocks, and here.
 *
 * <p>Nobody reads a long prompt where it is answered as long as reading elsewhere is as fast as it
 * was; when it takes several times as long, a few are, and then both are known. What is not chosen
 * is tried now and then, for links get well again.
 *
 * <p>Threads: one mailbox owns it.
 */
final class SplitChoice {

    /** Reading elsewhere is called in question when it takes so many times what it took at best. */
    private static final double SUSPICIOUS = 3;

    /** One of so many goes the way that is believed to be the slower one. */
    private static final int TRIED = 16;

    private static final double MILLIS = 1e-6;

    private final FleetSettings settings;
    private int notChosen;

    SplitChoice(FleetSettings settings) {
        this.settings = settings;
    }

    /**
     * Whether it may be worth it.
     *
     * @param place where it would be answered
     */
    boolean mayPay(RoutedRequest request, Pick place) {
        int prompt = request.request().prompt().length;
        int uncached = prompt - place.cachedTokens();
        return uncached >= settings.splitTokens() && uncached >= settings.splitShare() * prompt;
    }

    /**
     * Whether it is, by what was measured.
     *
     * @param here would answer, and read {@code workHere} prompt tokens until then
     * @param there would read {@code workThere}, and lend its blocks
     */
    Forecast forecast(Worker here, long workHere, Worker there, long workThere) {
        SplitPace remote = here.splitPace(there.id());
        long local = here.longPace().mean(workHere);
        long split = remote.mean(workThere);
        if (split == 0) {
            return new Forecast(true, "not measured yet", local, split);
        }
        if (local == 0) {
            return remote.isSlowerThanAtBest(SUSPICIOUS)
                    ? new Forecast(false, "tried here, for it got slow elsewhere", local, split)
                    : new Forecast(true, "as fast as ever", local, split);
        }
        boolean elsewhere = split <= local;
        if (!elsewhere && ++notChosen % TRIED == 0) {
            return new Forecast(true, "tried, though believed to be slower", local, split);
        }
        return new Forecast(elsewhere, "sooner, by what was measured", local, split);
    }

    /**
     * What is expected.
     *
     * @param splits whether another worker reads the prompt
     * @param localNanos until it is read where it is answered; 0 = not known
     * @param splitNanos until it is read elsewhere and its blocks are there; 0 = not known
     */
    record Forecast(boolean splits, String why, long localNanos, long splitNanos) {

        /** For {@code explain}. */
        JsonObject json() {
            var json = JsonObject.builder().put("read_elsewhere", splits).put("why", why);
            if (localNanos > 0) {
                json.put("predicted_here_ms", localNanos * MILLIS);
            }
            if (splitNanos > 0) {
                json.put("predicted_elsewhere_ms", splitNanos * MILLIS);
            }
            return json.build();
        }
    }
}
