package dev.cairn.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code mvnw} and {@code cairn} run on. Releases from 90 on stand for those that no machine
 * has, so that what is installed here does not matter.
 */
class JavaFinderIT {

    @TempDir Path folder;

    @Test
    void takesTheOneThatItIsTold() throws Exception {
        Path told = Shell.javaHome(folder.resolve("told"), 90);
        Path other = Shell.javaHome(folder.resolve("other"), 91);
        assertThat(find(90, Map.of("CAIRN_JAVA_HOME", told.toString(), "JAVA_HOME", "" + other)))
                .isEqualTo("found " + told);
    }

    @Test
    void refusesTheOneThatItIsToldIfItIsTooOld() throws Exception {
        Path told = Shell.javaHome(folder.resolve("told"), 17);
        Path other = Shell.javaHome(folder.resolve("other"), 91);
        assertThat(find(90, Map.of("CAIRN_JAVA_HOME", told.toString(), "JAVA_HOME", "" + other)))
                .contains("CAIRN_JAVA_HOME=" + told, "its release is 17");
    }

    @Test
    void passesOverAnOldJavaHome() throws Exception {
        Path old = Shell.javaHome(folder.resolve("old"), 17);
        Path kept = Shell.javaHome(folder.resolve(".sdkman/candidates/java/90.0.1-tem"), 90);
        assertThat(find(90, Map.of("JAVA_HOME", old.toString()))).isEqualTo("found " + kept);
    }

    @Test
    void followsLinksFromThePath() throws Exception {
        Path home = Shell.javaHome(folder.resolve("a home with spaces"), 90);
        Path programs = Files.createDirectories(folder.resolve("programs"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("bin/java"));
        Files.createSymbolicLink(programs.resolve("java"), link);
        assertThat(find(90, Map.of("PATH", programs + ":/usr/bin:/bin")))
                .isEqualTo("found " + home.toRealPath());
    }

    @Test
    void passesOverARunTimeWithoutCompilerWhereOneIsNeeded() throws Exception {
        Path home = Shell.javaHome(folder.resolve("jre"), 90);
        Files.delete(home.resolve("bin/javac"));
        assertThat(find(90, Map.of("JAVA_HOME", home.toString()))).contains("no JDK 90 or later");
    }

    @Test
    void saysWhatItSoughtAndHowToInstallOne() throws Exception {
        assertThat(find(99, Map.of()))
                .contains("no JDK 99 or later found")
                .contains("JAVA_HOME (not set)", "/usr/lib/jvm")
                .contains("apt-get install openjdk-99-jdk-headless");
    }

    private String find(int release, Map<String, String> environment)
            throws IOException, InterruptedException {
        String script =
                """
                . "$FINDER"
                CAIRN_JAVA_RELEASE=%d
                if cairn_find_java javac; then echo "found $CAIRN_JDK"; else cairn_explain_no_java javac; fi
                """
                        .formatted(release);
        Map<String, String> all = new HashMap<>(environment);
        all.put("FINDER", Shell.CHECKOUT.resolve(".mvn/find-jdk.sh").toString());
        return Shell.run(folder, all, "sh", "-c", script).output().strip();
    }
}
