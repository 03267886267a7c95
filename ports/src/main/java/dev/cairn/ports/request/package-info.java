/**
 * Requests and their events, at two levels: text ({@link dev.cairn.ports.request.InferenceService},
 * which front ends call) and token ids ({@link dev.cairn.ports.request.GenerationRequest}, which
 * backends serve and nodes exchange).
 *
 * <p>A request that cannot be served ends in a {@link dev.cairn.ports.request.RequestProblem},
 * whose message and field are for the client. Depends on the JDK and the packages {@code system},
 * {@code model}, {@code cache} and {@code telemetry} of {@code ports}. Start at {@code
 * InferenceService}.
 */
package dev.cairn.ports.request;
