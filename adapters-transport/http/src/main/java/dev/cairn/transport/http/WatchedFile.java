package dev.cairn.transport.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Tells whether a file changed since it was last asked. Threads: any. */
final class WatchedFile {

    private final Path path;
    private String seen;

    WatchedFile(Path path) {
        this.path = path;
        this.seen = stamp();
    }

    Path path() {
        return path;
    }

    synchronized boolean hasChanged() {
        String now = stamp();
        boolean changed = !now.equals(seen);
        seen = now;
        return changed;
    }

    /** Size, time and inode, so that a file swapped by a link is seen too. */
    private String stamp() {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.size()
                    + " "
                    + attributes.lastModifiedTime()
                    + " "
                    + attributes.fileKey();
        } catch (IOException gone) {
            return "gone";
        }
    }
}
