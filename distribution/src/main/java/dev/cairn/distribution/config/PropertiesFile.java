package dev.cairn.distribution.config;

import dev.cairn.ports.system.Settings.SettingException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A configuration file: Java properties in UTF-8, with the line of every key remembered for
 * messages, which {@link Properties} forgets.
 */
final class PropertiesFile {

    /** No configuration is longer; a file that is was named by mistake. */
    private static final long MOST_BYTES = 1 << 20;

    private PropertiesFile() {}

    /**
     * @param line where the key stands, from 1
     */
    record Entry(String value, int line) {}

    /**
     * Reads a file.
     *
     * @return entries by key, in the order of the file
     * @throws SettingException if it cannot be read, a line is malformed, or a key stands there
     *     twice
     */
    static Map<String, Entry> read(Path file) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            int first = i + 1;
            StringBuilder logical = new StringBuilder(lines.get(i));
            if (!isComment(lines.get(i))) {
                while (continues(logical) && i + 1 < lines.size()) {
                    logical.append('\n').append(lines.get(++i));
                }
            }
            addLine(file, first, logical.toString(), entries);
        }
        return entries;
    }

    private static void addLine(Path file, int line, String text, Map<String, Entry> entries) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(text));
        } catch (IllegalArgumentException malformed) {
            throw new SettingException(
                    "%s line %d: %s".formatted(file, line, malformed.getMessage()));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        for (String key : one.stringPropertyNames()) {
            Entry before = entries.put(key, new Entry(one.getProperty(key).strip(), line));
            if (before != null) {
                throw new SettingException(
                        "%s line %d: %s stands in line %d already; keep one of them"
                                .formatted(file, line, key, before.line()));
            }
        }
    }

    private static boolean isComment(String line) {
        String stripped = line.stripLeading();
        return stripped.startsWith("#") || stripped.startsWith("!");
    }

    /** An odd number of backslashes at the end joins the next line. */
    private static boolean continues(CharSequence line) {
        int backslashes = 0;
        for (int i = line.length() - 1; i >= 0 && line.charAt(i) == '\\'; i--) {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new SettingException(
                        "%s has %d bytes; a configuration file has at most %d"
                                .formatted(file, Files.size(file), MOST_BYTES));
            }
            return Files.readAllLines(file);
        } catch (NoSuchFileException missing) {
            throw new SettingException(
                    "there is no configuration file " + file + "; name one that exists");
        } catch (CharacterCodingException binary) {
            throw new SettingException(file + " is no text in UTF-8; write key = value lines");
        } catch (IOException unreadable) {
            throw new SettingException(
                    "%s cannot be read: %s".formatted(file, unreadable.getMessage()));
        }
    }
}
