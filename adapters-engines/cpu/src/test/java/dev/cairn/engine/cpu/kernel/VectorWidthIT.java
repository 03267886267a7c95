package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Vector API kernels on machines with narrower registers than this one: 128 bits is what every
 * aarch64 has.
 */
class VectorWidthIT {

    @ParameterizedTest
    @ValueSource(ints = {16, 32})
    void narrowRegistersComputeTheSame(int bytes) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-modules",
                                "jdk.incubator.vector",
                                "-XX:MaxVectorSize=" + bytes,
                                "-cp",
                                System.getProperty("java.class.path"),
                                VectorTwin.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        int bits = Math.min(bytes * 8, VectorMath.FLOATS.vectorBitSize());
        assertThat(output).contains("vector " + bits + "-bit agrees");
    }
}
