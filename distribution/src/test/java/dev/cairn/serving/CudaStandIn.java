package dev.cairn.serving;

import dev.cairn.distribution.CairnProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The stand-in for a CUDA device that the plugin's tests build too ({@code
 * plugins/cuda/src/test/standin}), and how an engine is told of it.
 */
public final class CudaStandIn {

    private CudaStandIn() {}

    /** Builds it where that has not been done; the folder of its libraries. */
    static Path folder() throws IOException, InterruptedException {
        Path plugin = CairnProcess.checkout().resolve("plugins/cuda");
        Path folder = plugin.resolve("target/stand-in");
        Process build =
                new ProcessBuilder(
                                "sh",
                                plugin.resolve("src/test/standin/build.sh").toString(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (build.waitFor() != 0) {
            throw new AssertionError("the stand-in cannot be built: " + output);
        }
        return folder;
    }

    /** Wishes something of the stand-in in this process: {@code driver.cpp} lists what it knows. */
    @SuppressWarnings("restricted") // the stand-in is ours
    static void wish(String name, long value) throws IOException, InterruptedException {
        var symbols = SymbolLookup.libraryLookup(folder().resolve("libcuda.so.1"), Arena.global());
        var descriptor =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        try (Arena arena = Arena.ofConfined()) {
            int known =
                    (int)
                            Linker.nativeLinker()
                                    .downcallHandle(symbols.findOrThrow("standin_set"), descriptor)
                                    .invokeExact(arena.allocateFrom(name), value);
            if (known != 0) {
                throw new AssertionError("the stand-in knows no wish " + name);
            }
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Makes it whole again. */
    @SuppressWarnings("restricted") // the stand-in is ours
    static void reset() throws IOException, InterruptedException {
        var symbols = SymbolLookup.libraryLookup(folder().resolve("libcuda.so.1"), Arena.global());
        try {
            Linker.nativeLinker()
                    .downcallHandle(
                            symbols.findOrThrow("standin_reset"), FunctionDescriptor.ofVoid())
                    .invokeExact();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** What tells the engine of it. */
    public static Map<String, String> settings() throws IOException, InterruptedException {
        Path folder = folder();
        return Map.of(
                "cairn.engine.cuda.libraries",
                folder.toString(),
                "cairn.engine.cuda.kernel-cache",
                folder.resolve("kernels").toString());
    }
}
