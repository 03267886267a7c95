package dev.cairn.transport.http;

import dev.cairn.ports.telemetry.TraceContext;
import java.util.OptionalLong;

/**
 * Who sent a request.
 *
 * @param tenant digest of its API key; empty = none
 * @param session that it names; empty = none
 * @param timeoutMillis how long it waits for its answer to begin; empty = as long as it takes
 * @param trace that the request belongs to
 */
record Caller(String tenant, String session, OptionalLong timeoutMillis, TraceContext trace) {

    Caller(String tenant, TraceContext trace) {
        this(tenant, "", OptionalLong.empty(), trace);
    }
}
