package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder that {@code huggingface_hub} keeps: {@code models--ORG--NAME/blobs/TAG} has contents,
 * {@code snapshots/COMMIT/PATH} links to them, {@code refs/REVISION} has the commit that a branch
 * or tag stood at.
 */
final class HubCache {

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final String FOLDER_PREFIX = "models--";

    private final Path folder;

    HubCache(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** Where a content is or will be. */
    Path blob(HubId id, HubFile file) {
        return repository(id).resolve("blobs").resolve(file.tag());
    }

    /** Guards a content against another process that fetches it too. */
    Path lock(HubId id, HubFile file) {
        return folder.resolve(".locks").resolve(folderName(id)).resolve(file.tag() + ".lock");
    }

    private Path repository(HubId id) {
        return folder.resolve(folderName(id));
    }

    private static String folderName(HubId id) {
        return FOLDER_PREFIX + id.organisation() + "--" + id.name();
    }

    private Path snapshot(HubId id, String commit) {
        return repository(id).resolve("snapshots").resolve(commit);
    }

    /**
     * Puts fetched contents under their names, and the revision at their commit.
     *
     * @return the snapshot's folder
     */
    Path publish(HubId id, String commit, List<HubFile> files) throws IOException {
        Path snapshot = snapshot(id, commit);
        for (HubFile file : files) {
            link(snapshot.resolve(file.path()), blob(id, file));
        }
        if (!id.revision().equals(commit)) {
            Path reference = repository(id).resolve("refs").resolve(id.revision());
            Files.createDirectories(reference.getParent());
            Path written = reference.resolveSibling(reference.getFileName() + ".new");
            Files.writeString(written, commit);
            Files.move(written, reference, StandardCopyOption.REPLACE_EXISTING);
        }
        return snapshot;
    }

    /** A link where the file system has them, else the content itself. */
    private static void link(Path name, Path blob) throws IOException {
        Files.createDirectories(name.getParent());
        Path target = name.getParent().relativize(blob);
        if (Files.isSymbolicLink(name) && Files.readSymbolicLink(name).equals(target)) {
            return;
        }
        Files.deleteIfExists(name);
        try {
            Files.createSymbolicLink(name, target);
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            Files.copy(blob, name);
        }
    }

    /** What can be opened without the network. */
    Optional<Path> present(HubId id) {
        return commit(id)
                .map(commit -> snapshot(id, commit))
                .flatMap(
                        snapshot ->
                                id.file().isPresent()
                                        ? Optional.of(snapshot.resolve(id.file().get()))
                                                .filter(Files::isRegularFile)
                                        : openable(snapshot));
    }

    private Optional<String> commit(HubId id) {
        if (COMMIT.matcher(id.revision()).matches()) {
            return Optional.of(id.revision());
        }
        try {
            Path reference = repository(id).resolve("refs").resolve(id.revision());
            return Optional.of(Files.readString(reference).strip())
                    .filter(text -> COMMIT.matcher(text).matches());
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** The folder if its weights are all there, or its one GGUF file. */
    private static Optional<Path> openable(Path snapshot) {
        if (Files.isRegularFile(snapshot.resolve("config.json")) && weightsPresent(snapshot)) {
            return Optional.of(snapshot);
        }
        try (Stream<Path> files = Files.walk(snapshot, 4)) {
            List<Path> single =
                    files.filter(file -> file.toString().endsWith(".gguf"))
                            .filter(Files::isRegularFile)
                            .toList();
            return single.size() == 1 ? Optional.of(single.getFirst()) : Optional.empty();
        } catch (IOException | UncheckedIOException none) {
            return Optional.empty();
        }
    }

    private static boolean weightsPresent(Path snapshot) {
        Path index = snapshot.resolve("model.safetensors.index.json");
        if (!Files.exists(index)) {
            return Files.isRegularFile(snapshot.resolve("model.safetensors"))
                    || Files.isRegularFile(snapshot.resolve("onnx/model.onnx"));
        }
        try {
            return JsonReader.read(Files.readString(index)) instanceof JsonObject map
                    && map.member("weight_map") instanceof JsonObject shards
                    && shards.members().values().stream()
                            .distinct()
                            .allMatch(
                                    shard ->
                                            shard instanceof JsonString(String name)
                                                    && Files.isRegularFile(snapshot.resolve(name)));
        } catch (IOException | JsonException damaged) {
            return false;
        }
    }

    /** Repositories of which the main revision can be opened. */
    List<String> present() {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(folder, FOLDER_PREFIX + "*")) {
            for (Path entry : folders) {
                String name = entry.getFileName().toString().substring(FOLDER_PREFIX.length());
                String text = name.replaceFirst("--", "/");
                if (HubId.recognises(text) && present(HubId.parse(text)).isPresent()) {
                    found.add(text);
                }
            }
        } catch (IOException none) {
            return List.of();
        }
        found.sort(null);
        return found;
    }

    /**
     * @param bytes still to come
     * @throws ModelException if the disk has less
     */
    void checkSpace(HubId id, long bytes) throws IOException {
        Files.createDirectories(folder);
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free) {
            throw new ModelException(
                    "%s needs %,d MiB more, and %s has %,d MiB; make room, or name another folder by HF_HOME or cairn.hub.cache"
                            .formatted(id, bytes >> 20, folder, free >> 20));
        }
    }
}
