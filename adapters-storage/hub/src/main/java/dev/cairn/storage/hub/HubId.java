package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code org/name[/FILE.gguf][@revision]}.
 *
 * @param file the one file that is wanted; empty takes what serving the repository needs
 * @param revision branch, tag or commit
 */
record HubId(String organisation, String name, Optional<String> file, String revision) {

    static final String MAIN = "main";

    private static final Pattern FORM =
            Pattern.compile(
                    "([A-Za-z0-9][\\w.-]{0,95})/([A-Za-z0-9][\\w.-]{0,95})(?:/([\\w./-]+\\.gguf))?(?:@([\\w./-]+))?",
                    Pattern.CASE_INSENSITIVE);

    static boolean recognises(String text) {
        return FORM.matcher(text).matches() && !text.contains("..") && !text.contains("//");
    }

    static HubId parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!recognises(text) || !parts.matches()) {
            throw new ModelException(
                    "\"%s\" is no model of a hub; write org/name, org/name@revision or org/name/FILE.gguf"
                            .formatted(text));
        }
        return new HubId(
                parts.group(1),
                parts.group(2),
                Optional.ofNullable(parts.group(3)),
                Optional.ofNullable(parts.group(4)).orElse(MAIN));
    }

    /** Without file and revision. */
    String repository() {
        return organisation + "/" + name;
    }

    @Override
    public String toString() {
        return repository()
                + file.map(path -> "/" + path).orElse("")
                + (revision.equals(MAIN) ? "" : "@" + revision);
    }
}
