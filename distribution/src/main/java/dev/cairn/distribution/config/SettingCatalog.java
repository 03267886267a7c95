package dev.cairn.distribution.config;

import dev.cairn.ports.system.SettingDescription;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Every key that somebody described: the program's own and those of adapters and plugins. */
public final class SettingCatalog {

    private final Map<String, Described> byKey = new TreeMap<>();

    /**
     * Adds the keys of one part.
     *
     * @param owner who reads them, for {@code cairn config}: {@code "cairn"}, {@code "plugin cpu"}
     * @throws IllegalArgumentException if somebody else described one of them, or a default is not
     *     of its own type
     */
    public SettingCatalog add(String owner, List<SettingDescription> descriptions) {
        for (SettingDescription description : descriptions) {
            Described other = byKey.put(description.key(), new Described(description, owner));
            if (other != null) {
                throw new IllegalArgumentException(
                        "setting %s is described by %s and by %s; one of them must rename it"
                                .formatted(description.key(), other.owner(), owner));
            }
            description.defaultValue().ifPresent(text -> checkDefault(owner, description, text));
        }
        return this;
    }

    Optional<Described> find(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** In alphabetical order of their keys. */
    Collection<Described> all() {
        return byKey.values();
    }

    Collection<String> keys() {
        return byKey.keySet();
    }

    private static void checkDefault(String owner, SettingDescription description, String text) {
        try {
            SettingText.check(description.type(), text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    "%s gives setting %s a default that it would refuse: %s"
                            .formatted(owner, description.key(), wrong.getMessage()),
                    wrong);
        }
    }

    /**
     * @param owner the part that described it
     */
    record Described(SettingDescription description, String owner) {}
}
