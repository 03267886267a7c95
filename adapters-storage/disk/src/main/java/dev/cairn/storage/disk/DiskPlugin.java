package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.storage.slots.RetentionSettings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The disk tier as a plugin. */
public final class DiskPlugin implements CairnPlugin {

    private static final String PATH = "cairn.cache.disk.path";
    private static final String SIZE = "cairn.cache.disk.size";
    private static final String SYNC = "cairn.cache.disk.sync";
    private static final RetentionSettings COMMON = new RetentionSettings("cairn.cache.disk.");

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<SettingDescription> settings() {
        List<SettingDescription> settings = new ArrayList<>();
        settings.add(
                SettingDescription.optional(
                        PATH,
                        Type.STRING,
                        "Folder of the cache tier disk, for one process at a time; needed if"
                                + " cairn.cache.tiers names it."));
        settings.add(
                SettingDescription.of(
                        SIZE,
                        Type.SIZE,
                        "10GiB",
                        "What the tier's blocks may take; more than eight times as much or as"
                                + " little as before empties it."));
        settings.add(
                SettingDescription.of(
                        SYNC,
                        Type.STRING,
                        SyncPolicy.NEVER.label(),
                        "When blocks are forced to the device: never (a power failure may cost the"
                                + " last ones) or group (before they count as stored)."));
        settings.addAll(COMMON.describe(1024, 4, "Threads that read; half as many write."));
        return settings;
    }

    @Override
    public List<Extension<BlockTier>> blockTiers(PluginContext context) {
        return List.of(new Extension<>(DiskTier.NAME, () -> open(context)));
    }

    private static DiskTier open(PluginContext context) {
        Settings settings = context.settings();
        try {
            return DiskTier.open(options(settings), context.clock(), context.telemetry());
        } catch (IOException e) {
            throw new Settings.SettingException(PATH + ": " + sentence(e, settings));
        }
    }

    /** What is wrong with the folder, and what to do; the file system's own words are no help. */
    private static String sentence(IOException e, Settings settings) {
        String folder = settings.text(PATH).orElse("");
        return switch (e) {
            case AccessDeniedException _ ->
                    "the folder \"%s\" cannot be used: this user may not make or write it; give it the right, or name another folder"
                            .formatted(folder);
            case FileAlreadyExistsException file ->
                    "the folder \"%s\" cannot be made: %s is a file; name a folder"
                            .formatted(folder, file.getFile());
            case FileSystemException cause ->
                    "the folder \"%s\" cannot be made or used (%s: %s); name one that this user can make and write"
                            .formatted(folder, cause.getClass().getSimpleName(), cause.getFile());
            default -> e.getMessage();
        };
    }

    private static DiskOptions options(Settings settings) {
        String path =
                settings.text(PATH)
                        .orElseThrow(
                                () ->
                                        new Settings.SettingException(
                                                PATH + " is not set; write the folder's path"));
        long bytes = settings.size(SIZE).orElseThrow();
        try {
            return new DiskOptions(
                    Path.of(path),
                    bytes,
                    COMMON.read(settings, bytes),
                    SyncPolicy.of(settings.text(SYNC).orElse("")),
                    COMMON.queue(settings),
                    COMMON.threads(settings));
        } catch (InvalidPathException e) {
            throw new Settings.SettingException(PATH + ": " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new Settings.SettingException(SIZE + " or " + SYNC + ": " + e.getMessage());
        }
    }
}
