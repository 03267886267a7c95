package dev.cairn.engine.cpu.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The native kernels' shared library: found in the jar, copied to a private file, loaded once.
 *
 * <p>Whatever goes wrong becomes a reason for people, never an error at class load.
 */
final class NativeLibrary {

    /** Instruction sets of the library, best first; a dash for people is an underscore in C. */
    static final List<String> LEVELS =
            List.of("avx512-vnni-bf16", "avx512-vnni", "avx2", "portable");

    private final SymbolLookup symbols;
    private final String reason;

    private NativeLibrary(SymbolLookup symbols, String reason) {
        this.symbols = symbols;
        this.reason = reason;
    }

    private static final class Holder {
        static final NativeLibrary LOADED = load();
    }

    /** The library, loaded at the first call. */
    static NativeLibrary get() {
        return Holder.LOADED;
    }

    /** Why there is no library; empty if it is loaded. */
    Optional<String> absence() {
        return Optional.ofNullable(reason);
    }

    /** The levels that this processor runs, best first; empty without a library. */
    List<String> levels() {
        if (symbols == null) {
            return List.of();
        }
        List<String> levels = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle supports =
                    handle(
                            "cairn_supports",
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
            for (String level : LEVELS) {
                String name = level.replace('-', '_');
                boolean compiled = symbols.find("cairn_matmul_" + name).isPresent();
                if (compiled && (int) supports.invokeExact(arena.allocateFrom(name)) != 0) {
                    levels.add(level);
                }
            }
        } catch (Throwable e) {
            throw new IllegalStateException("the native library's cairn_supports failed", e);
        }
        return levels;
    }

    @SuppressWarnings(
            "restricted") // The library is ours, and NativeKernels declares every function as C
    // does.
    MethodHandle handle(String symbol, FunctionDescriptor descriptor) {
        MemorySegment address = symbols.findOrThrow(symbol);
        return Linker.nativeLinker().downcallHandle(address, descriptor);
    }

    /** Such as {@code linux-x86_64}: the folder of the library in the jar. */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String system = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
        return system.replace(' ', '-') + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }

    private static NativeLibrary load() {
        String suffix =
                platform().startsWith("macos")
                        ? ".dylib"
                        : platform().startsWith("windows") ? ".dll" : ".so";
        String resource = "/native/" + platform() + "/libcairn-kernels" + suffix;
        try (InputStream stream = NativeLibrary.class.getResourceAsStream(resource)) {
            if (stream == null) {
                return new NativeLibrary(
                        null, "no native library for " + platform() + " in this build");
            }
            return new NativeLibrary(open(stream.readAllBytes(), suffix), null);
        } catch (IOException | RuntimeException | LinkageError e) {
            return new NativeLibrary(
                    null, "the native library for " + platform() + " cannot be loaded: " + e);
        }
    }

    /**
     * A folder of our own, because another user could put a library in our way under a name that
     * can be guessed.
     */
    @SuppressWarnings("restricted")
    private static SymbolLookup open(byte[] library, String suffix) throws IOException {
        CRC32C checksum = new CRC32C();
        checksum.update(library);
        Path folder = Files.createTempDirectory("cairn-kernels-");
        Path file = folder.resolve(HexFormat.of().toHexDigits((int) checksum.getValue()) + suffix);
        try {
            Files.write(file, library);
            return SymbolLookup.libraryLookup(file, Arena.global());
        } finally {
            // Once mapped, the library needs its file no more; where a system insists, the file
            // stays.
            remove(file);
            remove(folder);
        }
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }
}
