package dev.cairn.core.grammar;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.system.JsonReader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Masks over a document, one per sample: with a format that nobody asked for before, whose masks
 * are all computed ({@code first}), and with one that was in use ({@code again}); and the time from
 * a schema to the first mask.
 *
 * <p>Not part of any build. After {@code ./mvnw -pl core-domain -am test-compile}, with the
 * module's test class path: {@code java -cp CLASSPATH org.openjdk.jmh.Main MaskBenchmark -p
 * vocabulary=128000}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class MaskBenchmark {

    private static final int BUDGET = 4096;

    /** A schema and a document of it. */
    public enum Sample {
        PERSON(
                """
                {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer",\
                "minimum":0,"maximum":150},"email":{"type":"string"},"tags":{"type":"array",\
                "items":{"type":"string"}},"address":{"type":"object",\
                "properties":{"street":{"type":"string"},"city":{"type":"string"},\
                "zip":{"type":"string","pattern":"^[0-9]{5}$"}},"required":["street","city",\
                "zip"]}},"required":["name","age","email","tags","address"]}\
                """,
                """
                {"name": "Marie Ponteau", "age": 42, "email": "marie@example.org",\
                 "tags": ["red tea", "mountain", "stone"], "address": {"street": "12 long lane",\
                 "city": "Bern", "zip": "30125"}}\
                """),
        REPORT(
                """
                {"type":"object","properties":{"kind":{"enum":["alpha","beta","gamma","delta"]},\
                "title":{"type":"string","minLength":3,"maxLength":120},"score":{"type":"number"},\
                "when":{"type":"string","format":"date-time"},"next":{"anyOf":[{"$ref":"#"},\
                {"type":"null"}]}},"required":["kind","title","score","when","next"]}\
                """,
                """
                {"kind":"beta","title":"the quick brown fox jumps over the lazy dog and runs",\
                "score":12.75,"when":"2024-02-29T12:13:14Z","next":{"kind":"gamma",\
                "title":"another title here","score":-3e5,"when":"2023-12-31T23:59:59Z",\
                "next":null}}\
                """),
        ANY(
                """
                {"type":"object"}\
                """,
                """
                {"a": [1, 2, {"b": "some text here", "c": null}],\
                 "description": "tile plant ground state", "n": -12.5e3, "ok": true}\
                """);

        private final String schema;
        private final String document;

        Sample(String schema, String document) {
            this.schema = schema;
            this.document = document;
        }
    }

    @Param({"4096", "128000"})
    int vocabulary;

    @Param Sample sample;

    private Grammars grammars;
    private OutputFormat format;
    private int[] tokens;

    @Setup
    public void load() {
        var codec = new SyntheticVocabulary(vocabulary);
        grammars = new Grammars(codec, vocabulary, codec.endOfSequenceIds());
        format = new OutputFormat.JsonSchema(JsonReader.read(sample.schema));
        tokens = codec.encode(sample.document, false);
    }

    /** Where one document is. */
    @State(Scope.Thread)
    public static class First {
        Constraint constraint;
        int at;

        @Setup(Level.Invocation)
        public void next(MaskBenchmark benchmark) {
            if (constraint == null || at == benchmark.tokens.length) {
                constraint = benchmark.grammars.fresh("format", benchmark.format).begin();
                at = 0;
            }
        }
    }

    /** The same with one compiled format for all documents. */
    @State(Scope.Thread)
    public static class Again {
        CompiledFormat compiled;
        Constraint constraint;
        int at;

        @Setup(Level.Invocation)
        public void next(MaskBenchmark benchmark) {
            if (constraint == null || at == benchmark.tokens.length) {
                compiled = benchmark.grammars.compile("format", benchmark.format);
                constraint = compiled.begin();
                at = 0;
            }
        }
    }

    @Benchmark
    public int[] first(First state) {
        return step(state.constraint, state.at++);
    }

    @Benchmark
    public int[] again(Again state) {
        return step(state.constraint, state.at++);
    }

    @Benchmark
    public int[] fromSchemaToFirstMask() {
        return grammars.fresh("format", format).begin().mask(BUDGET);
    }

    private int[] step(Constraint constraint, int at) {
        int[] mask = constraint.mask(BUDGET - at);
        if (!constraint.accept(tokens[at])) {
            throw new IllegalStateException("token " + at + " of " + sample + " is not allowed");
        }
        return mask;
    }
}
