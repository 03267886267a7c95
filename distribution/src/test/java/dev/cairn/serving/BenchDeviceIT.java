package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code cairn bench device} on the stand-in, in sizes that mean nothing. */
class BenchDeviceIT {

    @Test
    void everyFigureOfAnEngineAndItsDeviceIsTold() throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--engine",
                                "cuda",
                                "--dtype",
                                "bfloat16",
                                "--model",
                                CairnProcess.tinyModel().toString(),
                                "--mebibytes",
                                "1",
                                "--width",
                                "16",
                                "--streams",
                                "2",
                                "--depth",
                                "20",
                                "--prompt",
                                "40",
                                "--runs",
                                "1",
                                "--json"));
        CudaStandIn.settings()
                .forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        CairnProcess.Ended ended = bench(arguments);
        assertThat(ended.status()).as(ended.err()).isZero();
        JsonObject report = (JsonObject) JsonReader.read(ended.out());
        List<String> cases = new ArrayList<>();
        for (JsonValue result : ((JsonArray) report.member("results")).values()) {
            JsonObject each = (JsonObject) result;
            String name = ((JsonString) each.member("case")).value();
            cases.add(name);
            double value = ((JsonNumber) each.member("value")).doubleValue();
            assertThat(value).as(name).isGreaterThanOrEqualTo(name.endsWith("-host") ? 0 : 1e-9);
        }
        assertThat(cases)
                .contains(
                        "copy-kernel",
                        "link-in",
                        "link-out",
                        "blocks-out",
                        "square-product",
                        "invariance-cost@1",
                        "invariance-cost@2",
                        "invariance-cost@40",
                        "decode-1",
                        "decode-1-bytes",
                        "decode-1-host",
                        "decode-1@40",
                        "decode-2@20",
                        "decode-2@20-bytes",
                        "prefill-40",
                        "prefill-40-products",
                        "blocks-leave",
                        "blocks-leave-link")
                .doesNotHaveDuplicates();
    }

    @Test
    void anEngineWithoutADeviceIsToldSo() throws Exception {
        CairnProcess.Ended ended =
                bench(
                        List.of(
                                "--engine", "cpu",
                                "--depth", "20",
                                "--prompt", "40",
                                "--model", CairnProcess.tinyModel().toString()));
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err()).contains("not on a device; use `cairn bench engine`");
    }

    private static CairnProcess.Ended bench(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("bench", "device"));
        command.addAll(arguments);
        return CairnProcess.run(CairnProcess.assembled(), command.toArray(String[]::new));
    }
}
