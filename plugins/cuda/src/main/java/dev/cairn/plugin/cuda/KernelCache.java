package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Binaries of kernels, compiled once per source, device architecture and compiler, and kept in a
 * folder. A folder that cannot be written costs time and nothing else.
 *
 * <p>Threads: any number of processes may share a folder: a file appears whole.
 */
final class KernelCache {

    private static final System.Logger LOG = System.getLogger(KernelCache.class.getName());

    private final Path folder;
    private final Nvrtc compiler;

    KernelCache(Path folder, Nvrtc compiler) {
        this.folder = folder;
        this.compiler = compiler;
    }

    /** The folder of the user's that is meant for such things. */
    static Path usual() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isBlank()
                        ? Path.of(System.getProperty("user.home", "."), ".cache")
                        : Path.of(cache);
        return base.resolve("cairn").resolve("cuda");
    }

    /**
     * The binary of a source.
     *
     * @param architecture for example {@code "sm_90"}
     * @throws DeviceException if it cannot be compiled, with the compiler's messages
     */
    byte[] binary(KernelSource source, String architecture) {
        Path file = file(source, architecture);
        try {
            if (Files.isRegularFile(file)) {
                return Files.readAllBytes(file);
            }
        } catch (IOException unreadable) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be read ({1}); the kernels are compiled anew",
                    file,
                    unreadable.toString());
        }
        return compile(source, architecture);
    }

    /** Compiles, whatever the folder holds: a file may be damaged. */
    byte[] compile(KernelSource source, String architecture) {
        List<String> options = new ArrayList<>(KernelSource.OPTIONS);
        options.add("--gpu-architecture=" + architecture);
        byte[] binary = compiler.compile(source.name(), source.text(), options);
        keep(file(source, architecture), binary);
        return binary;
    }

    private Path file(KernelSource source, String architecture) {
        return folder.resolve(
                "%s-%s-nvrtc%s-%s.cubin"
                        .formatted(
                                source.name().replace(".cu", ""),
                                architecture,
                                compiler.version(),
                                source.digest()));
    }

    private void keep(Path file, byte[] binary) {
        try {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, "part", null);
            Files.write(part, binary);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "compiled kernels cannot be kept in {0} ({1}); they are compiled again at the next start",
                    folder,
                    failure.toString());
        }
    }
}
