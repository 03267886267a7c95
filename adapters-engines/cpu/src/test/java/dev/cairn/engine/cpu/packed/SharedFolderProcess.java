package dev.cairn.engine.cpu.packed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** One of several processes that use a folder with room for a few images. */
final class SharedFolderProcess {

    private static final int IMAGES = 5;
    private static final int TURNS = 60;

    private SharedFolderProcess() {}

    /**
     * @param arguments folder, seed
     */
    public static void main(String[] arguments) throws Exception {
        long room = 3 * PackedHeader.fileLength(PackedFolderIT.key("any"));
        Random random = new Random(Long.parseLong(arguments[1]));
        int found = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            Path path = Path.of(arguments[0]);
            PackedFolder folder = new PackedFolder(path, 1, room, random.nextBoolean());
            String name = "image " + random.nextInt(IMAGES);
            try (Arena arena = Arena.ofShared()) {
                Optional<byte[]> image =
                        PackedFolderIT.find(folder, PackedFolderIT.key(name), arena);
                if (image.isPresent()) {
                    found++;
                    if (!Arrays.equals(image.get(), PackedFolderIT.bytes(name))) {
                        throw new IllegalStateException("turn " + turn + ": another image");
                    }
                    if (random.nextInt(3) == 0) {
                        Files.deleteIfExists(folder.file(PackedFolderIT.key(name)));
                    }
                } else {
                    MemorySegment bytes = arena.allocate(PackedFolderIT.BYTES, 64);
                    bytes.copyFrom(MemorySegment.ofArray(PackedFolderIT.bytes(name)));
                    folder.keep(PackedFolderIT.key(name), bytes).orElseThrow().await();
                }
            }
        }
        System.out.println("found " + found + " images");
    }
}
