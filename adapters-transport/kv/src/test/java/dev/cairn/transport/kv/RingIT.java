package dev.cairn.transport.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of two sides: what is written is read, who lies is found out, nothing is left behind. */
final class RingIT {

    private static final int CAPACITY = 10_000;
    private static final long WRITTEN = 64;
    private static final long READ = 128;

    @TempDir private Path folder;

    /** Pieces of all sizes, also larger than the ring, so that both sides sleep now and then. */
    @Test
    void aStreamComesOutAsItWentIn() throws Exception {
        long seed = new Random().nextLong();
        byte[] expected = new byte[TestSize.pick(5_000_000, 500_000_000)];
        new Random(seed).nextBytes(expected);
        try (Ring writing = offered();
                Ring reading = Rings.in(folder, CAPACITY).accept(writing.name()).orElseThrow()) {
            var doorbell = new LinkedBlockingQueue<byte[]>();
            var bell = new Bell();
            var sink =
                    new RingSink(
                            writing, bell, new FrameWriter((p, n) -> doorbell.add(take(p, n))));
            var source =
                    new RingSource(
                            reading,
                            new FrameReader((target, _) -> target.put(next(doorbell)), 0),
                            bell::ring);
            var written = CompletableFuture.runAsync(() -> writeAll(sink, expected, seed));
            byte[] actual = new byte[expected.length];
            Random random = new Random(~seed);
            for (int at = 0; at < actual.length; ) {
                int bytes = Math.min(actual.length - at, random.nextInt(1, 3 * CAPACITY));
                ByteBuffer piece = ByteBuffer.allocateDirect(bytes);
                source.read(piece, 0);
                piece.flip().get(actual, at, bytes);
                at += bytes;
            }
            written.join();
            assertThat(actual).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static void writeAll(RingSink sink, byte[] bytes, long seed) {
        Random random = new Random(seed + 1);
        try {
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, random.nextInt(1, 3 * CAPACITY));
                ByteBuffer piece = ByteBuffer.allocateDirect(count).put(bytes, at, count).flip();
                sink.write(new ByteBuffer[] {piece}, 1);
                at += count;
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] take(ByteBuffer[] parts, int count) {
        byte[] bytes = new byte[Frame.HEADER_BYTES];
        if (count == 1) {
            parts[0].get(bytes);
        }
        return bytes;
    }

    private static byte[] next(LinkedBlockingQueue<byte[]> doorbell) {
        try {
            return doorbell.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void countersThatLieAreFoundOut() throws IOException {
        try (Ring ring = offered()) {
            for (long lie : new long[] {-1, CAPACITY + 1L, Long.MAX_VALUE, Long.MIN_VALUE}) {
                poke(ring, WRITTEN, lie);
                var source = new RingSource(ring, new FrameReader((_, _) -> {}, 0), () -> {});
                assertThatThrownBy(() -> source.read(ByteBuffer.allocateDirect(8), 0))
                        .isInstanceOf(ProtocolException.class);
            }
            poke(ring, READ, 1);
            var sink = new RingSink(ring, new Bell(), new FrameWriter((_, _) -> {}));
            ByteBuffer piece = ByteBuffer.allocateDirect(8);
            assertThatThrownBy(() -> sink.write(new ByteBuffer[] {piece}, 1))
                    .isInstanceOf(ProtocolException.class);
        }
    }

    private void poke(Ring ring, long at, long value) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(
                                folder.resolve(ring.name()),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
            page.set(ValueLayout.JAVA_LONG, at, value);
        }
    }

    @Test
    void onlyMemoryOfThisUserAloneIsOpened() throws IOException {
        Rings rings = Rings.in(folder, CAPACITY);
        try (Ring ring = offered()) {
            assertThat(rings.accept("../" + ring.name())).isEmpty();
            assertThat(rings.accept("passwd")).isEmpty();
            Path link = folder.resolve("cairn-kv-1-" + "0".repeat(32));
            Files.createSymbolicLink(link, folder.resolve(ring.name()));
            assertThat(rings.accept(link.getFileName().toString())).isEmpty();
            Files.setPosixFilePermissions(
                    folder.resolve(ring.name()), PosixFilePermissions.fromString("rw-rw----"));
            assertThat(rings.accept(ring.name())).isEmpty();
        }
        assertThat(rings.offer("another boot")).isEmpty();
        assertThat(Rings.off().offer("")).isEmpty();
    }

    @Test
    void namesOfDeadProcessesAreRemoved() throws IOException {
        Path dead = folder.resolve("cairn-kv-" + Integer.MAX_VALUE + "-" + "a".repeat(32));
        Path other = folder.resolve("cairn-kv-notes");
        Files.createFile(dead);
        Files.createFile(other);
        try (Ring alive = offered()) {
            Rings.in(folder, CAPACITY);
            assertThat(dead).doesNotExist();
            assertThat(other).exists();
            assertThat(folder.resolve(alive.name())).exists();
        }
    }

    private Ring offered() {
        Rings rings = Rings.in(folder, CAPACITY);
        Optional<Ring> ring = rings.offer(rings.machine());
        return ring.orElseThrow();
    }
}
