package dev.cairn.engine.cpu.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images come back as they were kept, or not at all. */
class PackedFolderIT {

    /** Two whole chunks and a piece. */
    static final int BYTES = 2 * PackedHeader.CHUNK + 12_345;

    private static final PackedFolder.Sharing ALONE = (parts, body) -> body.run(0, parts);

    private final Arena arena = Arena.ofShared();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @TempDir private Path folder;
    private PackedFolder images;

    @BeforeEach
    void open() {
        images = new PackedFolder(folder, 1, Long.MAX_VALUE, false);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasKeptIsFoundUnderItsKeyOnly(boolean mapped) throws InterruptedException {
        PackedFolder own = new PackedFolder(folder, 1, Long.MAX_VALUE, mapped);
        byte[] bytes = keep(own, "llama q8_0");
        assertThat(find(own, key("llama q8_0"))).contains(bytes);
        assertThat(find(own, key("llama q4_0"))).isEmpty();
        assertThat(find(own, PackedKey.of("llama q8_0", BYTES - 1))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cutLengthenedAndDamagedFilesAreReplacedAndNeverServed(boolean mapped)
            throws IOException, InterruptedException {
        PackedFolder own = new PackedFolder(folder, 1, Long.MAX_VALUE, mapped);
        byte[] image = keep(own, "model");
        Path file = own.file(key("model"));
        byte[] whole = Files.readAllBytes(file);
        List<byte[]> wrong = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wrong.add(Arrays.copyOf(whole, random.nextInt(whole.length)));
            byte[] flipped = whole.clone();
            flipped[random.nextInt(whole.length - BYTES, whole.length)] ^=
                    (byte) (1 << random.nextInt(8));
            wrong.add(flipped);
            byte[] beginning = whole.clone();
            beginning[random.nextInt(60)] ^= (byte) (1 << random.nextInt(8));
            wrong.add(beginning);
        }
        wrong.add(Arrays.copyOf(whole, whole.length + 1));
        wrong.add(new byte[whole.length]);
        for (byte[] each : wrong) {
            // A new file: one that is mapped must not change under its readers.
            Files.delete(file);
            Files.write(file, each);
            assertThat(find(own, key("model"))).as("seed %d", seed).isEmpty();
            assertThat(file).doesNotExist();
            keep(own, "model", image);
        }
        assertThat(find(own, key("model"))).contains(image);
    }

    @Test
    void anothersImageUnderThisNameIsForeign() throws IOException, InterruptedException {
        keep(images, "another");
        Files.move(images.file(key("another")), images.file(key("this")));
        assertThat(find(images, key("this"))).isEmpty();
        assertThat(images.file(key("this"))).doesNotExist();
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() throws IOException, InterruptedException {
        long file = PackedHeader.fileLength(key("a"));
        PackedFolder two = new PackedFolder(folder, 1, 2 * file, false);
        byte[] first = keep(two, "a");
        keep(two, "b");
        age("a", 50);
        age("b", 40);
        assertThat(find(two, key("a"))).contains(first);
        keep(two, "c");
        assertThat(find(two, key("a"))).contains(first);
        assertThat(find(two, key("b"))).isEmpty();
        assertThat(find(two, key("c"))).isPresent();
    }

    @Test
    void imagesTooLargeOrTooSmallAreNotKept() throws InterruptedException {
        keep(new PackedFolder(folder, 1, BYTES, false), "larger than all that may be kept");
        assertThat(
                        new PackedFolder(folder, BYTES + 1, Long.MAX_VALUE, false)
                                .keep(key("small"), null))
                .isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void aDiskWithoutRoomAndAFolderThatIsNoneCostNothingElse()
            throws IOException, InterruptedException {
        PackedWriting huge =
                images.keep(PackedKey.of("huge", 1L << 46), MemorySegment.NULL).orElseThrow();
        huge.await();
        assertThat(files()).isEmpty();
        Path occupied = Files.writeString(folder.resolve("occupied"), "no folder");
        PackedFolder none = new PackedFolder(occupied, 1, Long.MAX_VALUE, false);
        keep(none, "model");
        assertThat(find(none, key("model"))).isEmpty();
        assertThat(occupied).hasContent("no folder");
    }

    @Test
    void whatAWriterLeftBehindIsRemovedAndAGivenUpOneLeavesNothing()
            throws IOException, InterruptedException {
        Files.write(
                folder.resolve(key("dead").hex() + "-1" + PackedFolder.PART_SUFFIX), new byte[9]);
        keep(images, "model");
        assertThat(files()).containsExactly(images.file(key("model")));
        for (int i = 0; i < 50; i++) {
            images.keep(key("given up " + i), arena.allocate(BYTES)).orElseThrow().close();
        }
        assertThat(files()).allMatch(each -> each.toString().endsWith(PackedFolder.SUFFIX));
    }

    /** Two processes keep and find the same images, and remove each other's, all the time. */
    @Test
    void processesShareAFolder() throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    SharedFolderProcess.class.getName(),
                                    folder.toString(),
                                    Long.toString(seed + i))
                            .redirectErrorStream(true)
                            .start());
        }
        for (Process process : processes) {
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said).as(said).contains("found");
        }
        assertThat(files()).allMatch(each -> each.toString().endsWith(PackedFolder.SUFFIX));
    }

    private byte[] keep(PackedFolder folder, String name) throws InterruptedException {
        byte[] bytes = bytes(name);
        keep(folder, name, bytes);
        return bytes;
    }

    private void keep(PackedFolder folder, String name, byte[] bytes) throws InterruptedException {
        MemorySegment image = arena.allocate(bytes.length, 64);
        image.copyFrom(MemorySegment.ofArray(bytes));
        folder.keep(key(name), image).orElseThrow().await();
    }

    private Optional<byte[]> find(PackedFolder folder, PackedKey key) {
        return find(folder, key, arena);
    }

    static Optional<byte[]> find(PackedFolder folder, PackedKey key, Arena arena) {
        return folder.find(key, arena, (SegmentAllocator) arena, ALONE)
                .map(image -> image.toArray(ValueLayout.JAVA_BYTE));
    }

    private void age(String name, long seconds) throws IOException {
        Files.setLastModifiedTime(
                images.file(key(name)), FileTime.from(Instant.now().minusSeconds(seconds)));
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static PackedKey key(String name) {
        return PackedKey.of(name, BYTES);
    }

    /** What is kept under a name: the same every time. */
    static byte[] bytes(String name) {
        byte[] bytes = new byte[BYTES];
        new Random(name.hashCode()).nextBytes(bytes);
        return bytes;
    }
}
