package dev.cairn.transport.kv;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes and finds memory that two processes of one machine and one user map. Two processes are on
 * one machine if they name the same boot, and if the one that connects reads the other's token from
 * a file that only this user may open; wherever that fails (other containers, other users, no such
 * folder), the connection carries the bytes.
 *
 * <p>Threads: any.
 */
final class Rings {

    private static final System.Logger LOGGER = System.getLogger(Rings.class.getName());

    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Pattern NAME = Pattern.compile("cairn-kv-([0-9]{1,10})-[0-9a-f]{32}");

    private final Path folder;
    private final int capacity;
    private final String machine;
    private final SecureRandom random = new SecureRandom();

    private Rings(Path folder, int capacity, String machine) {
        this.folder = folder;
        this.capacity = capacity;
        this.machine = machine;
    }

    /** Where the connection carries everything. */
    static Rings off() {
        return new Rings(Path.of(""), 0, "");
    }

    /**
     * Removes what dead processes left behind.
     *
     * @param folder a file system in memory, {@code /dev/shm}
     * @param capacity bytes of each ring
     */
    static Rings in(int capacity) {
        return in(Path.of("/dev/shm"), capacity);
    }

    static Rings in(Path folder, int capacity) {
        String boot = "";
        try {
            if (Files.isDirectory(folder) && Files.isWritable(folder)) {
                boot = Files.readString(BOOT).strip();
                sweep(folder);
            }
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "no shared memory between processes", e);
        }
        return new Rings(folder, capacity, boot);
    }

    private static void sweep(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "cairn-kv-*")) {
            for (Path file : files) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches()
                        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
                        && Files.isWritable(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** What this machine is called until its next start; empty = no memory is shared. */
    String machine() {
        return machine;
    }

    /** Makes memory for a peer that says it is on the machine of that name. */
    Optional<Ring> offer(String peersMachine) {
        if (machine.isEmpty() || !machine.equals(peersMachine)) {
            return Optional.empty();
        }
        byte[] bytes = new byte[Ring.TOKEN_BYTES + 16];
        random.nextBytes(bytes);
        String digits = HexFormat.of().formatHex(bytes, Ring.TOKEN_BYTES, bytes.length);
        Path file = folder.resolve("cairn-kv-" + ProcessHandle.current().pid() + "-" + digits);
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        mode)) {
            fill(channel);
            Ring ring = new Ring(file, channel, capacity);
            byte[] token = new byte[Ring.TOKEN_BYTES];
            System.arraycopy(bytes, 0, token, 0, token.length);
            ring.mark(token);
            return Optional.of(ring);
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "no shared memory for a peer on this machine", e);
            drop(file);
            return Optional.empty();
        }
    }

    /** Takes the memory now: a full file system must not show at the first write into the map. */
    private void fill(FileChannel channel) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
        long left = Ring.HEAD_BYTES + (long) capacity;
        while (left > 0) {
            zeros.clear().limit((int) Math.min(left, zeros.capacity()));
            left -= channel.write(zeros);
        }
    }

    private static void drop(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // The next start sweeps.
        }
    }

    /** Opens what a peer offers; empty if it is not here, or not ours alone. */
    Optional<Ring> accept(String name) {
        Path file = folder.resolve(name);
        if (machine.isEmpty() || !NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS)) {
            long bytes = channel.size() - Ring.HEAD_BYTES;
            if (!isOursAlone(file) || bytes < 1 || bytes > KvOptions.MOST_RING_BYTES) {
                return Optional.empty();
            }
            return Optional.of(new Ring(file, channel, (int) bytes));
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "the memory that a peer offers is not here", e);
            return Optional.empty();
        }
    }

    private boolean isOursAlone(Path file) throws IOException {
        return Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)
                        .equals(PosixFilePermissions.fromString("rw-------"))
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getOwner(Path.of("/proc/self")));
    }
}
