import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Copies the libraries of an archive without the native code of other platforms: ONNX Runtime, the tokenizers and JNA carry it for
 * all of theirs, and with it the archive would be more than twice as large.
 *
 * <p>Run from its source by {@code archive.sh}: {@code java CopyForOnePlatform.java FROM TO PLATFORM}.
 */
final class CopyForOnePlatform {

    /** Where a library keeps its native code, and how it calls each platform. */
    private record NativeFolder(String prefix, Map<String, String> names) {

        boolean isForeign(String entry, String platform) {
            return entry.startsWith(prefix)
                    && entry.indexOf('/', prefix.length()) > 0
                    && !entry.startsWith(prefix + names.get(platform) + "/");
        }
    }

    private static final Map<String, List<NativeFolder>> FOLDERS =
            Map.of(
                    "onnxruntime-",
                    List.of(
                            new NativeFolder(
                                    "ai/onnxruntime/native/",
                                    Map.of(
                                            "linux-x86_64", "linux-x64",
                                            "linux-aarch64", "linux-aarch64",
                                            "osx-aarch64", "osx-aarch64"))),
                    "tokenizers-",
                    List.of(
                            new NativeFolder(
                                    "native/lib/",
                                    Map.of(
                                            "linux-x86_64", "linux-x86_64",
                                            "linux-aarch64", "linux-aarch64",
                                            "osx-aarch64", "osx-aarch64"))),
                    "jna-",
                    List.of(
                            new NativeFolder(
                                    "com/sun/jna/",
                                    Map.of(
                                            "linux-x86_64", "linux-x86-64",
                                            "linux-aarch64", "linux-aarch64",
                                            "osx-aarch64", "darwin-aarch64"))));

    private CopyForOnePlatform() {}

    public static void main(String[] arguments) throws IOException {
        Path from = Path.of(arguments[0]);
        Path to = Path.of(arguments[1]);
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(from, "*.jar")) {
            for (Path jar : jars) {
                copy(jar, to.resolve(jar.getFileName()), arguments[2]);
            }
        }
    }

    private static void copy(Path jar, Path target, String platform) throws IOException {
        String name = jar.getFileName().toString();
        List<NativeFolder> folders =
                FOLDERS.entrySet().stream()
                        .filter(entry -> name.startsWith(entry.getKey()))
                        .flatMap(entry -> entry.getValue().stream())
                        .toList();
        if (folders.isEmpty()) {
            Files.copy(jar, target, StandardCopyOption.COPY_ATTRIBUTES);
            return;
        }
        try (JarFile source = new JarFile(jar.toFile());
                OutputStream file = Files.newOutputStream(target);
                JarOutputStream copy = new JarOutputStream(file)) {
            Enumeration<JarEntry> entries = source.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                String path = entry.getName();
                if (path.contains(".dSYM/") || isForeign(folders, path, platform)) {
                    continue;
                }
                JarEntry kept = new JarEntry(path);
                kept.setTime(entry.getTime());
                copy.putNextEntry(kept);
                source.getInputStream(entry).transferTo(copy);
                copy.closeEntry();
            }
        }
    }

    private static boolean isForeign(List<NativeFolder> folders, String path, String platform) {
        // Classes lie beside JNA's native folders and are for everyone.
        return !path.endsWith(".class")
                && folders.stream().anyMatch(folder -> folder.isForeign(path, platform));
    }
}
