package dev.cairn.architecture.planted.transport.http;

import dev.cairn.architecture.planted.engine.cpu.EngineOffenders;

/** An adapter that sees another one. */
final class TransportOffenders {

    private TransportOffenders() {}

    static final class SeesAnEngine {
        Object engine() {
            return new EngineOffenders.SeesTheCore();
        }
    }
}
