package dev.cairn.core.fleet;

import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * That a request waited here, and what for.
 *
 * @param before prompt tokens of others that came before it when it began to wait
 */
record Wait(Reason reason, long before, long fromNanos, long untilNanos) {

    private static final double MILLIS = 1e-6;

    /** What for. */
    enum Reason {
        /** All workers had enough to do. */
        WORKERS_BUSY,
        /** None was there. */
        NO_WORKER_READY;

        /** As people are told. */
        String word() {
            return switch (this) {
                case WORKERS_BUSY -> "workers_busy";
                case NO_WORKER_READY -> "no_worker_ready";
            };
        }
    }

    /** A wait that is not over. */
    static Wait from(Reason reason, long before, long nanos) {
        return new Wait(reason, before, nanos, 0);
    }

    Wait until(long nanos) {
        return new Wait(reason, before, fromNanos, nanos);
    }

    long nanos() {
        return untilNanos - fromNanos;
    }

    JsonObject json() {
        var wait =
                JsonObject.builder().put("for", reason.word()).put("prompt_tokens_before", before);
        if (untilNanos != 0) {
            wait.put("ms", nanos() * MILLIS);
        }
        return wait.build();
    }
}
