package dev.cairn.distribution.wiring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What this build calls itself.
 *
 * @param number of the release, {@code "0.1.0"}
 * @param commit that it was built from, where packaging wrote it down
 */
public record ProgramVersion(String number, Optional<String> commit) {

    public static ProgramVersion of(Installation installation) {
        String number = ProgramVersion.class.getPackage().getImplementationVersion();
        return new ProgramVersion(
                number == null ? "development" : number,
                installation.home().flatMap(home -> commit(home.resolve("lib/commit"))));
    }

    private static Optional<String> commit(Path file) {
        try {
            return Optional.of(Files.readString(file).strip())
                    .filter(text -> text.matches("[0-9a-f]{7,64}"));
        } catch (IOException notWritten) {
            return Optional.empty();
        }
    }
}
