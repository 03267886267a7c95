package dev.cairn.transport.http;

import dev.cairn.ports.telemetry.TraceContext;

/**
 * Who sent a request.
 *
 * @param tenant digest of its API key; empty = none
 * @param trace that the request belongs to
 */
record Caller(String tenant, TraceContext trace) {}
