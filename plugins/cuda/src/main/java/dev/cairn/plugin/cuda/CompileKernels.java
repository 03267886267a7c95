package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.LibrarySearch.NotFoundException;
import dev.cairn.plugin.device.DeviceException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles every kernel into a folder, for devices that need not be here: {@code
 * cairn.engine.cuda.kernel-cache} takes the folder, so that a machine's first start compiles
 * nothing. {@code docs/measure/compile_kernels.sh} runs it.
 *
 * <pre>CompileKernels LIBRARIES TARGET sm_80 sm_90 ...</pre>
 */
final class CompileKernels {

    private CompileKernels() {}

    public static void main(String[] arguments) {
        if (arguments.length < 3) {
            System.err.println("usage: CompileKernels LIBRARIES TARGET sm_80 sm_90 ...");
            System.exit(2);
        }
        LibrarySearch search =
                new LibrarySearch(
                        Optional.of(Path.of(arguments[0])), Map.of(), Path.of(arguments[0]));
        try {
            LibrarySearch.Found library = search.find(Nvrtc.NAMES);
            Nvrtc compiler = new Nvrtc(new NativeLibrary(library));
            System.out.printf("NVRTC %s of %s%n", compiler.version(), library.place());
            KernelCache cache = new KernelCache(Path.of(arguments[1]), compiler);
            for (String architecture : List.of(arguments).subList(2, arguments.length)) {
                for (String name : KernelSource.NAMES) {
                    byte[] binary = cache.compile(KernelSource.read(name), architecture);
                    System.out.printf("%s %s: %d bytes%n", architecture, name, binary.length);
                }
            }
        } catch (NotFoundException | DeviceException failure) {
            System.err.println(failure.getMessage());
            System.exit(1);
        }
    }
}
