/**
 * The OpenAI API, with vLLM's extensions, over HTTP/1.1 on Helidon SE and virtual threads.
 *
 * <p>A request is read field by field, handed to the {@link
 * dev.cairn.ports.request.InferenceService}, and its events are rendered as one JSON body or as
 * server-sent events; a client that goes away aborts its work. May depend on {@code ports} and
 * Helidon, on nothing else of Cairn. Start at {@link dev.cairn.transport.http.HttpServer}, then
 * follow a path of {@code Routes}.
 */
package dev.cairn.transport.http;
