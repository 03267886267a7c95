package dev.cairn.distribution.telemetry;

import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;

/** Where spans come from. Threads: any. */
interface Spans extends AutoCloseable {

    Telemetry.Span start(String name, TraceContext parent);

    /** Sends what is still held. */
    @Override
    void close();

    /** Spans that are kept nowhere; the caller's trace still reaches the next hop through them. */
    static Spans passing() {
        return new Spans() {
            @Override
            public Telemetry.Span start(String name, TraceContext parent) {
                return new PassingSpan(parent);
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    /** A span that only hands its parent's context on. */
    record PassingSpan(TraceContext context) implements Telemetry.Span {

        @Override
        public Telemetry.Span attribute(String key, String value) {
            return this;
        }

        @Override
        public Telemetry.Span attribute(String key, long value) {
            return this;
        }

        @Override
        public Telemetry.Span attribute(String key, double value) {
            return this;
        }

        @Override
        public void failed(String reason) {
            // Nobody would read it.
        }

        @Override
        public void end() {
            // Nobody measures it.
        }
    }
}
