package dev.cairn.distribution.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchmarkReportTest {

    @Test
    void theObjectHasTheDesignsForm() {
        List<JsonObject> results =
                results(
                        new Result("decode-8", "tokens/s", List.of(3.0, 1.0, 2.0)),
                        Result.judged("a", "share", List.of(0.5), "<= 0.6", true),
                        Result.judged("b", "share", List.of(0.7), "<= 0.6", false),
                        Result.unjudged("c", "share", "<= 0.6", "no metric"),
                        new Result("d", "ms", List.of(Double.NaN)));

        assertThat(results).allMatch(each -> each.members().keySet().containsAll(MEMBERS));
        assertThat(results.get(0).member("value")).isEqualTo(JsonValue.of(2.0));
        assertThat(results.stream().map(each -> each.member("holds")))
                .containsExactly(
                        JsonValue.NULL,
                        JsonValue.of(true),
                        JsonValue.of(false),
                        JsonValue.NULL,
                        JsonValue.NULL);
        assertThat(results.get(3).member("value")).isEqualTo(JsonValue.NULL);
        assertThat(results.get(3).member("limit")).isEqualTo(JsonValue.of("no metric"));
        assertThat(results.get(4).member("value")).isEqualTo(JsonValue.NULL);
    }

    private static final List<String> MEMBERS =
            List.of("case", "value", "unit", "peer", "peer_value", "limit", "goal", "holds");

    private static List<JsonObject> results(Result... results) {
        String text = JsonWriter.write(new BenchmarkReport("serve", "m", List.of(results)).json());
        JsonObject report = (JsonObject) JsonReader.read(text);
        assertThat(report.member("benchmark")).isEqualTo(JsonValue.of("serve"));
        assertThat(((JsonObject) report.member("machine")).members())
                .containsKeys("os", "processors", "java", "subject");
        return ((JsonArray) report.member("results"))
                .values().stream().map(each -> (JsonObject) each).toList();
    }
}
