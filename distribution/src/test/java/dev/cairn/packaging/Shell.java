package dev.cairn.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** Runs the project's scripts as a user's shell would, with nothing of this machine's settings. */
final class Shell {

    static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private Shell() {}

    /** What a script printed, both streams together, and its exit status. */
    record Outcome(int status, String output) {

        List<String> lines() {
            return output.lines().toList();
        }
    }

    static Outcome run(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().put("HOME", folder.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    /**
     * A folder that looks like a Java home of a release; its java prints its arguments, a line
     * each.
     */
    static Path javaHome(Path home, int release) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"%d.0.1\"%n".formatted(release));
        for (String program : List.of("java", "javac")) {
            executable(home.resolve("bin").resolve(program), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        }
        return home;
    }

    static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
