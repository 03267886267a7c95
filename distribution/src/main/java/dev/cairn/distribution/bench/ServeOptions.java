package dev.cairn.distribution.bench;

import dev.cairn.distribution.bench.load.Slo;
import dev.cairn.distribution.bench.prompt.PromptSet;
import dev.cairn.distribution.bench.prompt.PromptShape;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What load a server is to get.
 *
 * @param sets one after the other
 * @param trace instead of sets
 * @param traceSpeed 2 halves the gaps of a trace
 * @param lengthScale that the lengths of a trace are multiplied by
 * @param rate sessions per second; empty = closed loop, or the trace's own times
 * @param burstiness shape of the gamma process
 * @param streams of the closed loop; empty = not asked for
 * @param warmup requests before each run that do not count
 * @param extra members of every request's body
 * @param save file for a line of JSON per request
 */
public record ServeOptions(
        List<PromptSet> sets,
        PromptShape shape,
        Optional<Path> trace,
        double traceSpeed,
        double lengthScale,
        OptionalDouble rate,
        double burstiness,
        OptionalInt streams,
        int warmup,
        Slo slo,
        JsonObject extra,
        Optional<Path> save) {

    public ServeOptions {
        sets = List.copyOf(sets);
    }
}
