package dev.cairn.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code cairn} script in an unpacked archive, with a Java that prints what it is given. */
class LauncherScriptIT {

    private static final String MAIN = "dev.cairn.distribution.CairnLauncher";

    @TempDir Path folder;
    private Path home;

    @BeforeEach
    void unpack() throws IOException {
        home = Files.createDirectories(folder.toRealPath().resolve("cairn 1.0"));
        Path packaging = Shell.CHECKOUT.resolve("distribution/src/main/packaging");
        Files.createDirectories(home.resolve("lib"));
        Files.copy(Shell.CHECKOUT.resolve("cairn"), home.resolve("cairn"));
        Files.copy(Shell.CHECKOUT.resolve(".mvn/find-jdk.sh"), home.resolve("lib/find-jdk.sh"));
        Files.copy(packaging.resolve("files/lib/jvm.options"), home.resolve("lib/jvm.options"));
        Files.createFile(home.resolve("lib/cairn-distribution-1.0.jar"));
        Shell.javaHome(home.resolve("jre"), 25);
    }

    @Test
    void passesEveryArgumentOnAsItIs() throws Exception {
        List<String> lines = cairn(Map.of(), "serve", "--set", "key=two words", "", "@file", "*");
        assertThat(lines.subList(lines.indexOf(MAIN), lines.size()))
                .containsExactly(MAIN, "serve", "--set", "key=two words", "", "@file", "*");
    }

    @Test
    void runsOnTheBundledJavaWithTheRecordedFlags() throws Exception {
        Path other = Shell.javaHome(folder.resolve("other"), 26);
        assertThat(cairn(Map.of("JAVA_HOME", other.toString()), "version"))
                .containsExactly(
                        "@" + home.resolve("lib/jvm.options"),
                        "-Dcairn.home=" + home,
                        "-cp",
                        home.resolve("lib/cairn-distribution-1.0.jar").toString(),
                        MAIN,
                        "version");
    }

    @Test
    void takesTheRecordedCacheUnlessToldNotTo() throws Exception {
        Path cache = Files.createFile(home.resolve("lib/cairn.aot"));
        assertThat(cairn(Map.of(), "version")).contains("-XX:AOTCache=" + cache);
        assertThat(cairn(Map.of("CAIRN_AOT", "off"), "version"))
                .noneMatch(line -> line.startsWith("-XX:AOTCache"));
    }

    @Test
    void putsTheUsersFlagsAfterItsOwn() throws Exception {
        List<String> lines = cairn(Map.of("CAIRN_JAVA_OPTS", "-Xmx4g -Dkey=value"), "version");
        assertThat(lines).containsSubsequence("-Xmx4g", "-Dkey=value", MAIN);
        assertThat(lines.indexOf("-Xmx4g"))
                .isGreaterThan(lines.indexOf("@" + home.resolve("lib/jvm.options")));
    }

    /** Without being asked it stays out, because it slows every start. */
    @Test
    void addsTheVectorApiWhereItsKernelsAreAskedFor() throws Exception {
        String flag = "--add-modules=jdk.incubator.vector";
        assertThat(cairn(Map.of(), "serve")).doesNotContain(flag);
        assertThat(cairn(Map.of(), "serve", "--set", "key=vector")).contains(flag);
        assertThat(cairn(Map.of("CAIRN_CPU_KERNELS", "vector"), "serve")).contains(flag);
        Files.createDirectories(home.resolve("conf"));
        Files.writeString(home.resolve("conf/cairn.properties"), "# a = vector\n");
        assertThat(cairn(Map.of(), "serve")).doesNotContain(flag);
        Files.writeString(home.resolve("conf/cairn.properties"), "a = vector\n");
        assertThat(cairn(Map.of(), "serve")).contains(flag);
    }

    @Test
    void worksThroughLinksAndFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("cairn"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), link.getFileName());
        Shell.Outcome outcome = Shell.run(Path.of("/"), Map.of(), second.toString(), "version");
        assertThat(outcome.lines()).contains("-Dcairn.home=" + home, MAIN);
    }

    @Test
    void saysSoWhenTheFolderIsIncomplete() throws Exception {
        Files.delete(home.resolve("lib/find-jdk.sh"));
        Shell.Outcome outcome = Shell.run(folder, Map.of(), home + "/cairn", "version");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).contains("unpack the archive again");
    }

    private List<String> cairn(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = home.resolve("cairn").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Shell.Outcome outcome = Shell.run(folder, environment, command);
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.lines();
    }
}
