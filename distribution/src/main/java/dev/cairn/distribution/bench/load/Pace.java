package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.prompt.Seeds;
import dev.cairn.distribution.bench.prompt.Session;
import java.util.List;
import java.util.Random;

/** When sessions begin. */
public sealed interface Pace {

    /** What a report says of it. */
    String text();

    /**
     * Closed loop: that many requests at once, the next when one has ended.
     *
     * @param streams also the most sessions at once
     */
    record Closed(int streams) implements Pace {

        @Override
        public String text() {
            return streams + " streams at once";
        }
    }

    /**
     * Open loop: at fixed times, however the server keeps up.
     *
     * @param dueNanos of each session, ascending, from the begin of the run
     */
    record Open(String text, long[] dueNanos) implements Pace {}

    /**
     * Gaps drawn from a gamma distribution with mean {@code 1 / rate} and shape {@code burstiness},
     * as vLLM's {@code bench serve} draws them: 1 is a Poisson process, less is burstier.
     *
     * @param rate sessions per second
     */
    static Open gamma(int sessions, double rate, double burstiness, long seed) {
        Random random = Seeds.random(seed, "arrivals", 0);
        long[] due = new long[sessions];
        double at = 0;
        for (int i = 0; i < sessions; i++) {
            at += Gamma.draw(random, burstiness) / (rate * burstiness);
            due[i] = (long) (at * 1e9);
        }
        String process = burstiness == 1 ? "Poisson" : "gamma, burstiness " + burstiness;
        return new Open("%s arrivals per second (%s)".formatted(number(rate), process), due);
    }

    /**
     * As a trace says.
     *
     * @param speed 2 makes an hour half an hour
     */
    static Open ofTrace(List<Session> sessions, double speed) {
        long[] due =
                sessions.stream()
                        .mapToLong(session -> (long) (session.dueMillis() * 1e6 / speed))
                        .toArray();
        return new Open("the trace's arrivals at speed " + number(speed), due);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
