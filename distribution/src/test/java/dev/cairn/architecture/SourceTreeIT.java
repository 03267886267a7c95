package dev.cairn.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the design says of folders and packages, read from the sources. */
class SourceTreeIT {

    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private static final Set<String> TOP_LEVEL_FOLDERS =
            Set.of(
                    "adapters-engines",
                    "adapters-storage",
                    "adapters-transport",
                    "core-domain",
                    "distribution",
                    "docs",
                    "plugins",
                    "ports");

    /** Each folder of modules, and where the packages of those modules begin. */
    private static final Map<String, String> PACKAGE_ROOTS =
            Map.of(
                    "ports", "dev/cairn/ports",
                    "ports/tck", "dev/cairn/tck",
                    "core-domain", "dev/cairn/core",
                    "adapters-engines", "dev/cairn/engine",
                    "adapters-storage", "dev/cairn/storage",
                    "adapters-transport", "dev/cairn/transport",
                    "plugins", "dev/cairn/plugin",
                    "distribution", "dev/cairn/distribution");

    @Test
    void topLevelFoldersAreTheDesigns() {
        assertThat(visibleFolders(CHECKOUT)).isSubsetOf(TOP_LEVEL_FOLDERS);
    }

    @Test
    void everyPackageIsDescribed() {
        Set<Path> packages = packages(CHECKOUT);
        assertThat(packages).hasSizeGreaterThan(10);
        assertThat(undescribed(packages)).isEmpty();
    }

    @Test
    void everyPackageLiesUnderItsModulesRoot() {
        assertThat(packages(CHECKOUT)).allMatch(SourceTreeIT::liesUnderItsRoot);
    }

    @Test
    void aPackageWithoutDescriptionIsFound(@TempDir Path folder) throws IOException {
        Path bare = Files.createDirectories(folder.resolve("ports/src/main/java/dev/cairn/bare"));
        Files.writeString(bare.resolve("Bare.java"), "package dev.cairn.bare; class Bare {}");
        Set<Path> packages = packages(folder);
        assertThat(undescribed(packages)).containsExactly(bare);
    }

    private static List<Path> undescribed(Set<Path> packages) {
        return packages.stream()
                .filter(folder -> !Files.isRegularFile(folder.resolve("package-info.java")))
                .toList();
    }

    private static boolean liesUnderItsRoot(Path folder) {
        Path relative = CHECKOUT.relativize(folder);
        String path = relative.toString().replace('\\', '/');
        int sources = path.indexOf("/src/main/java/");
        String module = path.substring(0, sources);
        String room = module.equals("ports/tck") ? module : module.split("/")[0];
        String root = PACKAGE_ROOTS.get(room);
        String found = path.substring(sources + "/src/main/java/".length());
        return root != null && (found.equals(root) || found.startsWith(root + "/"));
    }

    /** Folders below {@code src/main/java} that hold Java files. */
    private static Set<Path> packages(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .map(Path::getParent)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> visibleFolders(Path root) {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .filter(name -> !name.equals("target"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
