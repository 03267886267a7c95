package dev.cairn.ports.plugin;

import java.util.function.Supplier;

/**
 * Something that a plugin can make when configuration asks for it by name.
 *
 * @param name what configuration calls it: {@code "disk"}, {@code "kv"}
 * @param open makes it; may wait; throws {@code Settings.SettingException} or an exception with a
 *     message for the user
 */
public record Extension<T>(String name, Supplier<T> open) {}
