package dev.cairn.storage.hub;

import java.util.regex.Pattern;

/**
 * A file of a repository at one commit.
 *
 * @param path in the repository, with {@code /}
 * @param bytes its length; -1 if the hub has not told yet
 * @param tag what the hub calls this content: the SHA-256 of large files, git's blob id of others;
 *     empty if it has not told yet
 */
record HubFile(String path, long bytes, String tag) {

    private static final int LONGEST_PATH = 1_024;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");
    private static final Pattern FILE_NAME = Pattern.compile("[\\w.+=-]{1,200}");

    boolean described() {
        return bytes >= 0 && !tag.isEmpty();
    }

    /** How the content can be verified. */
    enum Proof {
        SHA_256,
        GIT_BLOB,
        LENGTH
    }

    Proof proof() {
        if (HEX.matcher(tag).matches()) {
            return switch (tag.length()) {
                case 64 -> Proof.SHA_256;
                case 40 -> Proof.GIT_BLOB;
                default -> Proof.LENGTH;
            };
        }
        return Proof.LENGTH;
    }

    /** Whether path and tag can be names below a folder, whatever a hub says. */
    boolean harmless() {
        if (path.isEmpty()
                || path.length() > LONGEST_PATH
                || path.startsWith("/")
                || path.indexOf('\\') >= 0
                || path.indexOf(':') >= 0
                || path.chars().anyMatch(Character::isISOControl)) {
            return false;
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return tag.isEmpty() || (FILE_NAME.matcher(tag).matches() && !tag.startsWith("."));
    }
}
