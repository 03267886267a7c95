package dev.cairn.storage.disk;

import static dev.cairn.storage.disk.TestTier.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.tck.TierCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} under load: 5 times here, 100 in the nightly build. */
class KillIT {

    /** Room for everything, so that whatever was stored must be there. */
    private static final long ROOMY = 1L << 30;

    /** So little that slots are written again all the time. */
    private static final long TIGHT = 1 << 20;

    /** Blocks of one program, at most. */
    private static final int IDS = 100_000;

    /** Of programs that were killed before the last one, so many blocks are looked at each time. */
    private static final int OF_THE_OLD = 300;

    @TempDir private Path folder;

    private final Set<Integer> stored = new HashSet<>();
    private final Set<Integer> removed = new HashSet<>();
    private int lines;

    @Test
    void everythingStoredIsThereAndNothingRemoved() throws Exception {
        long seed = RandomGenerator.getDefault().nextLong();
        Random random = new Random(seed);
        int kills = TestTier.nightly() ? 100 : 5;
        System.out.printf("kill: seed %d, %d kills%n", seed, kills);
        for (int kill = 0; kill < kills; kill++) {
            SyncPolicy sync = kill % 4 == 3 ? SyncPolicy.GROUP : SyncPolicy.NEVER;
            killAfter(1 + random.nextInt(600), ROOMY, kill * IDS, sync);
            try (DiskTier tier = TestTier.open(folder, ROOMY);
                    var calls = new TierCalls(tier, LAYOUT)) {
                assertThat(tier.counts().blocks()).isGreaterThanOrEqualTo(stored.size());
                boolean all = kill == kills - 1;
                for (int id : someOf(stored, kill, all, random)) {
                    assertThat(calls.get(id)).as("block %d", id).isEqualTo(GetOutcome.FOUND);
                }
                for (int id : someOf(removed, kill, all, random)) {
                    assertThat(calls.get(id)).as("block %d", id).isEqualTo(GetOutcome.ABSENT);
                }
                assertThat(tier.counts().damaged()).isZero();
            }
        }
        System.out.printf("kill: %d stored and %d removed blocks%n", stored.size(), removed.size());
        assertThat(stored).isNotEmpty();
        assertThat(removed).isNotEmpty();
    }

    @Test
    void whereSlotsAreWrittenAgainNothingWrongIsFound() throws Exception {
        long seed = RandomGenerator.getDefault().nextLong();
        Random random = new Random(seed);
        int kills = TestTier.nightly() ? 100 : 4;
        System.out.printf("kill, tight: seed %d, %d kills%n", seed, kills);
        int found = 0;
        for (int kill = 0; kill < kills; kill++) {
            killAfter(300 + random.nextInt(2000), TIGHT, kill * IDS, SyncPolicy.NEVER);
            try (DiskTier tier = TestTier.open(folder, TIGHT);
                    var calls = new TierCalls(tier, LAYOUT)) {
                boolean all = kill == kills - 1;
                for (int id : someOf(stored, kill, all, random)) {
                    found += calls.get(id) == GetOutcome.FOUND ? 1 : 0;
                }
                for (int id : someOf(removed, kill, all, random)) {
                    assertThat(calls.get(id)).as("block %d", id).isEqualTo(GetOutcome.ABSENT);
                }
                assertThat(tier.counts().damaged()).isZero();
            }
        }
        assertThat(found).isPositive();
    }

    /**
     * What the program that was just killed had said, and some of what those before it had: all of
     * it each time would take a hundred times as long after a hundred kills.
     */
    private static List<Integer> someOf(
            Set<Integer> ids, int kill, boolean all, RandomGenerator random) {
        List<Integer> some = new ArrayList<>();
        List<Integer> old = new ArrayList<>();
        ids.forEach(id -> (all || id / IDS == kill ? some : old).add(id));
        for (int i = 0; i < OF_THE_OLD && !old.isEmpty(); i++) {
            some.add(old.get(random.nextInt(old.size())));
        }
        return some;
    }

    /** Ends the program in the middle of its work, after so many of its lines. */
    private void killAfter(int newLines, long bytes, int firstId, SyncPolicy sync)
            throws IOException, InterruptedException {
        Process writer =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledWriter.class.getName(),
                                folder.toString(),
                                Long.toString(bytes),
                                Integer.toString(firstId),
                                sync.label())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        lines = 0;
        try (BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = said.readLine()) != null) {
                note(line);
                if (lines++ == newLines) {
                    kill(writer);
                }
            }
        }
        assertThat(writer.waitFor()).as("the program was killed, not finished").isEqualTo(137);
        assertThat(lines).isGreaterThanOrEqualTo(newLines);
    }

    /** By its handle: the process object would close the pipe with what was said last. */
    private static void kill(Process process) {
        process.toHandle().destroyForcibly();
    }

    private void note(String line) {
        String[] words = line.split(" ", -1);
        if (words.length == 3 && words[2].equals(".")) {
            int id = Integer.parseInt(words[1]);
            switch (words[0]) {
                case "stored" -> stored.add(id);
                // From here on it may be there or not, until the removal was confirmed.
                case "removing" -> stored.remove(id);
                case "removed" -> removed.add(id);
                default -> {}
            }
        }
    }
}
