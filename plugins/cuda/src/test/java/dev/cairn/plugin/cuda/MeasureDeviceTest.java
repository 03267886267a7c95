package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is measured of a device is measured of the stand-in too, to no purpose but to be run. */
class MeasureDeviceTest {

    @Test
    void everyRateIsThere() throws Exception {
        assertThat(StandIn.fresh().libraries()).isNotNull();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        MeasureDevice.measure(StandIn.settings(), 1 << 20, 32, 1, out);
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.getFirst()).startsWith("# Cairn stand-in");
        assertThat(lines.stream().skip(1).map(line -> line.split("\t", -1)[0]))
                .containsExactly(
                        "copy-kernel", "link-in", "link-out", "blocks-out", "square-product");
        assertThat(lines.stream().skip(1).map(line -> Double.valueOf(line.split("\t", -1)[1])))
                .allMatch(rate -> rate > 0);
    }
}
