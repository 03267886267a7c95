package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.LibrarySearch.NotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The stand-in for a CUDA device in this process: built once, loaded once, its wishes set anew by
 * each test. Threads: one test at a time.
 */
final class StandIn {

    /** Streams do what they are given at once. */
    static final int NO_DELAY = 0;

    /** Streams wait at random. */
    static final int RANDOM_DELAY = 1;

    private static final int SLOW_STREAM = 2;

    private static final Path FOLDER = build();

    private final MethodHandle set;
    private final MethodHandle reset;
    private final MethodHandle live;
    private final MethodHandle busy;
    private final MethodHandle allocations;
    private final CudaLibraries libraries;

    private StandIn() {
        SymbolLookup symbols =
                SymbolLookup.libraryLookup(FOLDER.resolve("libcuda.so.1"), Arena.global());
        set =
                handle(
                        symbols,
                        "standin_set",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        reset = handle(symbols, "standin_reset", FunctionDescriptor.ofVoid());
        live = handle(symbols, "standin_live", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        busy = handle(symbols, "standin_busy", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        allocations =
                handle(
                        symbols,
                        "standin_allocations",
                        FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        try {
            libraries = CudaLibraries.load(settings(), search(FOLDER));
        } catch (NotFoundException missing) {
            throw new AssertionError(missing);
        }
    }

    private static final class Holder {
        static final StandIn LOADED = new StandIn();
    }

    /** The stand-in as it is at the beginning: no delays, no failures, 1 GiB. */
    static StandIn fresh() {
        StandIn standIn = Holder.LOADED;
        standIn.reset();
        return standIn;
    }

    static Path folder() {
        return FOLDER;
    }

    static CudaSettings settings() {
        return new CudaSettings(
                Optional.of(FOLDER), 0, Optional.of(FOLDER.resolve("kernels")), true, true, true);
    }

    static LibrarySearch search(Path folder) {
        return new LibrarySearch(Optional.of(folder), Map.of(), Path.of("/nowhere"));
    }

    CudaLibraries libraries() {
        return libraries;
    }

    /** One of the wishes that {@code standin_set} knows. */
    StandIn with(String wish, long value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(wish);
            if ((int) set.invokeExact(name, value) != 0) {
                throw new AssertionError("the stand-in knows no wish " + wish);
            }
            return this;
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Lets one stream, counted in the order in which they are made, wait before everything. */
    StandIn withSlowStream(int stream) {
        return with("delay", SLOW_STREAM + stream);
    }

    /** Streams, events, modules and allocations that nobody has given back. */
    long live() {
        try {
            return (long) live.invokeExact();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Streams that have something to do. */
    long busy() {
        try {
            return (long) busy.invokeExact();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Allocations so far, of the device's memory and of pinned memory. */
    long allocations() {
        try {
            return (long) allocations.invokeExact();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private void reset() {
        try {
            reset.invokeExact();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static MethodHandle handle(
            SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
    }

    private static Path build() {
        Path module = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
        Path folder = module.resolve("target/stand-in");
        try {
            Process process =
                    new ProcessBuilder(
                                    "sh",
                                    module.resolve("src/test/standin/build.sh").toString(),
                                    folder.toString())
                            .redirectErrorStream(true)
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("the stand-in cannot be built: " + output);
            }
            return folder;
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError("the stand-in cannot be built", failure);
        }
    }
}
