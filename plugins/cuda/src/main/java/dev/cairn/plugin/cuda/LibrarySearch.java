package dev.cairn.plugin.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a shared library: in the configured folder, where the system's loader looks, in the folders
 * of a CUDA installation, and where Python's packages ({@code nvidia-cuda-nvrtc}, {@code
 * nvidia-cublas}) put theirs.
 *
 * @param configured folder to look in first
 * @param environment the process's variables
 * @param home the user's folder
 */
record LibrarySearch(Optional<Path> configured, Map<String, String> environment, Path home) {

    private static final List<String> SYSTEM_FOLDERS =
            List.of(
                    "/usr/local/cuda/lib64",
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib/aarch64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib/wsl/lib");

    /** Where Python keeps packages, below each of its roots. */
    private static final List<String> PYTHON_PACKAGES =
            List.of(
                    "lib/python3*/site-packages/nvidia/*/lib",
                    "lib/python3*/dist-packages/nvidia/*/lib",
                    "lib/python3/dist-packages/nvidia/*/lib");

    /** A library that is loaded. */
    record Found(String place, SymbolLookup symbols) {}

    /** A library that is nowhere; the message says what was sought and where. */
    static final class NotFoundException extends Exception {
        private static final long serialVersionUID = 1L;

        NotFoundException(String message) {
            super(message);
        }
    }

    static LibrarySearch of(CudaSettings settings) {
        return new LibrarySearch(
                settings.libraries(),
                System.getenv(),
                Path.of(System.getProperty("user.home", "/")));
    }

    /**
     * Loads the first that is found, for the life of the process.
     *
     * @param names file names, the best first
     */
    Found find(List<String> names) throws NotFoundException {
        List<String> broken = new ArrayList<>();
        if (configured.isPresent()) {
            Optional<Found> found = inFolder(configured.get(), names, broken);
            if (found.isPresent()) {
                return found.get();
            }
        }
        for (String name : names) {
            Optional<Found> found = byName(name);
            if (found.isPresent()) {
                return found.get();
            }
        }
        for (Path folder : folders()) {
            Optional<Found> found = inFolder(folder, names, broken);
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new NotFoundException(
                "%s not found: sought in %sthe system's library path, %s and Python's nvidia/*/lib%s"
                        .formatted(
                                String.join(" or ", names),
                                configured.map(folder -> folder + ", ").orElse(""),
                                String.join(", ", SYSTEM_FOLDERS),
                                broken.isEmpty() ? "" : "; " + String.join("; ", broken)));
    }

    private List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        SYSTEM_FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
        List<Path> roots = new ArrayList<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            Optional.ofNullable(environment.get(variable)).map(Path::of).ifPresent(roots::add);
        }
        roots.addAll(List.of(home.resolve(".local"), Path.of("/usr/local"), Path.of("/usr")));
        for (Path root : roots) {
            for (String pattern : PYTHON_PACKAGES) {
                folders.addAll(matching(root, pattern.split("/"), 0));
            }
        }
        return folders;
    }

    private static List<Path> matching(Path root, String[] parts, int from) {
        if (from == parts.length) {
            return List.of(root);
        }
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, parts[from])) {
                for (Path entry : entries) {
                    found.addAll(matching(entry, parts, from + 1));
                }
            } catch (IOException _) {
                // a folder that cannot be read holds nothing for us
            }
        }
        return found;
    }

    @SuppressWarnings("restricted") // what is loaded is what the user has installed
    private static Optional<Found> byName(String name) {
        try {
            return Optional.of(new Found(name, SymbolLookup.libraryLookup(name, Arena.global())));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    @SuppressWarnings("restricted") // what is loaded is what the user has installed
    private static Optional<Found> inFolder(Path folder, List<String> names, List<String> broken) {
        for (String name : names) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                try {
                    return Optional.of(
                            new Found(
                                    file.toString(),
                                    SymbolLookup.libraryLookup(file, Arena.global())));
                } catch (IllegalArgumentException _) {
                    broken.add(file + " cannot be loaded");
                }
            }
        }
        return Optional.empty();
    }
}
