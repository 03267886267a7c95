package dev.cairn.core.demand;

import java.time.Duration;

/**
 * How many models keep their memory, and for how long.
 *
 * @param mostAwake models at once
 * @param idle without a request, after which a model is put to sleep; zero for never
 * @param mostHeld requests that wait for their models, of all models together
 */
public record DemandSettings(int mostAwake, Duration idle, int mostHeld) {

    public DemandSettings {
        if (mostAwake < 1 || mostHeld < 1 || idle.isNegative()) {
            throw new IllegalArgumentException(
                    "at least one model awake and one request held, and no negative time");
        }
    }
}
