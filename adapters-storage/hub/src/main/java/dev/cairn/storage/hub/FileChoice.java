package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What of a repository serving needs: configuration, tokenizer and template, and the weights in one
 * form: safetensors, or ONNX for embedding models, or the one GGUF file.
 */
final class FileChoice {

    private static final String ONNX = "onnx/model.onnx";
    private static final int MOST_NAMED = 20;

    private FileChoice() {}

    /**
     * @throws ModelException if there are no weights that Cairn reads, or several to choose from
     */
    static List<HubFile> of(HubId id, List<HubFile> files) {
        if (id.file().isPresent()) {
            return files.stream()
                    .filter(file -> file.path().equals(id.file().get()))
                    .findFirst()
                    .map(List::of)
                    .orElseThrow(
                            () ->
                                    new ModelException(
                                            "%s has no file %s; it has %s"
                                                    .formatted(
                                                            id.repository(),
                                                            id.file().get(),
                                                            names(ggufs(files)))));
        }
        boolean embedding =
                has(files, ONNX)
                        && (has(files, "modules.json") || !has(files, "model.safetensors"));
        List<HubFile> weights =
                files.stream()
                        .filter(file -> embedding ? isOnnx(file) : isSafetensors(file))
                        .toList();
        return weights.isEmpty() ? List.of(onlyGguf(id, files)) : withText(files, weights);
    }

    private static List<HubFile> withText(List<HubFile> files, List<HubFile> weights) {
        return files.stream().filter(file -> weights.contains(file) || isText(file)).toList();
    }

    private static HubFile onlyGguf(HubId id, List<HubFile> files) {
        List<HubFile> found = ggufs(files);
        if (found.size() == 1) {
            return found.getFirst();
        }
        throw new ModelException(
                found.isEmpty()
                        ? "%s has no weights that Cairn reads: safetensors, GGUF or onnx/model.onnx; it has %s"
                                .formatted(id.repository(), names(files))
                        : "%s has several GGUF files; write the one you want, like %s/%s (others: %s)"
                                .formatted(
                                        id.repository(),
                                        id.repository(),
                                        found.getFirst().path(),
                                        names(found.subList(1, found.size()))));
    }

    private static List<HubFile> ggufs(List<HubFile> files) {
        return files.stream()
                .filter(file -> file.path().toLowerCase(Locale.ROOT).endsWith(".gguf"))
                .toList();
    }

    /** Shards and single files; {@code consolidated.safetensors} is the same in another layout. */
    private static boolean isSafetensors(HubFile file) {
        return isTop(file)
                && file.path().endsWith(".safetensors")
                && !file.path().startsWith("consolidated");
    }

    private static boolean isOnnx(HubFile file) {
        return file.path().equals(ONNX) || file.path().equals(ONNX + "_data");
    }

    private static boolean isText(HubFile file) {
        String path = file.path();
        return (isTop(file) || path.endsWith("_Pooling/config.json"))
                && (path.endsWith(".json")
                        || path.endsWith(".jinja")
                        || path.endsWith(".txt")
                        || path.equals("tokenizer.model"));
    }

    private static boolean isTop(HubFile file) {
        return file.path().indexOf('/') < 0;
    }

    private static boolean has(List<HubFile> files, String path) {
        return files.stream().anyMatch(file -> file.path().equals(path));
    }

    private static String names(List<HubFile> files) {
        String first =
                files.stream()
                        .map(HubFile::path)
                        .limit(MOST_NAMED)
                        .collect(Collectors.joining(", "));
        return files.size() > MOST_NAMED
                ? first + " and %d more".formatted(files.size() - MOST_NAMED)
                : first;
    }
}
