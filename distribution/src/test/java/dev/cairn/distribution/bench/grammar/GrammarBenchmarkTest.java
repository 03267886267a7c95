package dev.cairn.distribution.bench.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.grammar.GrammarBenchmark.FileVerdict;
import dev.cairn.distribution.bench.grammar.GrammarBenchmark.Verdict;
import dev.cairn.ports.system.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrammarBenchmarkTest {

    private static final String NUMBER = "{\"schema\": {\"type\": \"integer\"}, \"tests\": [%s]}";

    @TempDir private Path folder;

    private final SingleBytes codec = new SingleBytes();
    private final GrammarBenchmark benchmark =
            new GrammarBenchmark(codec, codec.vocabularySize(), codec.endOfSequenceIds());

    private final List<String> heard = new ArrayList<>();

    @Test
    void everyFileIsJudgedByItsInstances() throws IOException {
        BenchmarkReport report =
                benchmark.run(
                        List.of(
                                file(
                                        "a",
                                        NUMBER.formatted(
                                                test("12", true) + "," + test("[]", false))),
                                file("b", NUMBER.formatted(test("[]", true))),
                                file("c", NUMBER.formatted(test("3", false))),
                                file("d", "{\"schema\": {\"type\": 1}, \"tests\": []}")),
                        (verdict, first, masks) ->
                                heard.add(
                                        "%s %b %d"
                                                .formatted(
                                                        verdict.file(), first > 0, masks.length)));
        assertThat(heard)
                .containsExactly(
                        "a.json true 3", "b.json true 1", "c.json true 1", "d.json false 0");
        assertThat(value(report, "passing")).isEqualTo(1);
        assertThat(value(report, "refused")).isEqualTo(1);
        assertThat(value(report, "wrongly-rejected")).isEqualTo(1);
        assertThat(value(report, "wrongly-accepted")).isEqualTo(1);
        assertThat(benchmark.failures())
                .extracting(FileVerdict::file, FileVerdict::verdict)
                .containsExactly(
                        tuple("b.json", Verdict.WRONGLY_REJECTED),
                        tuple("c.json", Verdict.WRONGLY_ACCEPTED),
                        tuple("d.json", Verdict.REFUSED));
        assertThat(report.subject()).contains("4 files, 5 masks");
    }

    @Test
    void anInstanceThatOnlyBeginsWellIsNotAccepted() throws IOException {
        String schema = "{\"type\": \"string\", \"minLength\": 3}";
        benchmark.run(
                List.of(
                        file(
                                "a",
                                "{\"schema\": %s, \"tests\": [%s]}"
                                        .formatted(schema, test("\"ab\"", false)))),
                (_, _, _) -> {});
        assertThat(benchmark.failures()).isEmpty();
    }

    @Test
    void aFileThatIsNoCaseIsNamed() throws IOException {
        Path file = file("odd", "{\"tests\": []}");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> benchmark.run(List.of(file), (_, _, _) -> {}))
                .withMessageContaining("odd.json");
    }

    @Test
    void instancesAreWrittenAsPythonWritesThem() {
        String text = "{\"a\": [1, 2.50, \"é\"], \"b\": {}, \"c\": [], \"d\": null}";
        assertThat(SpacedJson.write(JsonReader.read(text.replace(" ", "")))).isEqualTo(text);
    }

    private static String test(String data, boolean valid) {
        return "{\"data\": %s, \"valid\": %s}".formatted(data, valid);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".json"), text);
    }

    private static double value(BenchmarkReport report, String name) {
        return report.results().stream()
                .filter(result -> result.name().equals(name))
                .mapToDouble(Result::value)
                .findFirst()
                .orElseThrow();
    }
}
