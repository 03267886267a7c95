package dev.cairn.engine.models;

import dev.cairn.engine.models.files.BoundWeights;
import dev.cairn.engine.models.files.ConfigObject;
import dev.cairn.engine.models.files.ContentDigest;
import dev.cairn.engine.models.files.GenerationSettings;
import dev.cairn.engine.models.files.HuggingFaceArchitecture;
import dev.cairn.engine.models.files.MappedFile;
import dev.cairn.engine.models.files.Safetensors;
import dev.cairn.engine.models.tokenizer.TokenizerFile;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.TextCodec;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Folders as Hugging Face's hub has them: {@code config.json}, safetensors, {@code tokenizer.json}.
 */
final class HuggingFaceFormat implements ModelFormat {

    private static final long MAX_CONFIG = 16 << 20;

    @Override
    public String name() {
        return "hugging-face";
    }

    @Override
    public boolean recognises(String location) {
        try {
            return Files.isRegularFile(Path.of(location, "config.json"));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    @Override
    public ModelArtifact open(String location) {
        Path folder = Path.of(location);
        Path configFile = folder.resolve("config.json");
        String configText = MappedFile.text(configFile, MAX_CONFIG);
        ConfigObject config = ConfigObject.read(configFile, MAX_CONFIG);
        ModelArchitecture architecture = HuggingFaceArchitecture.read(config);
        Arena arena = Arena.ofShared();
        try {
            Safetensors.Contents contents = Safetensors.folder(folder, arena);
            BoundWeights weights =
                    BoundWeights.huggingFace(contents.tensors(), architecture, config);
            List<MappedFile> files = contents.files();
            return new OpenedModel(
                    nameOf(folder),
                    location,
                    architecture,
                    weights,
                    openCodec(location),
                    GenerationSettings.read(folder, config),
                    () -> ContentDigest.of(configText, files),
                    files,
                    arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * The folder's name; in the hub's cache, where folders are named by commit, the repository's.
     */
    private static String nameOf(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent != null && parent.endsWith("snapshots") && parent.getParent() != null) {
            String repository = parent.getParent().getFileName().toString();
            return repository.startsWith("models--")
                    ? repository.substring("models--".length()).replace("--", "/")
                    : repository;
        }
        return absolute.getFileName() == null ? "model" : absolute.getFileName().toString();
    }

    @Override
    public TextCodec openCodec(String location) {
        Path folder = Path.of(location);
        Path file = folder.resolve("tokenizer.json");
        if (!Files.exists(file)) {
            throw new ModelException(
                    file
                            + ": is missing; a folder with only tokenizer.model can be converted by loading and saving it"
                            + " with transformers' AutoTokenizer");
        }
        Path configFile = folder.resolve("tokenizer_config.json");
        Optional<ConfigObject> config =
                Files.exists(configFile)
                        ? Optional.of(ConfigObject.read(configFile, MAX_CONFIG))
                        : Optional.empty();
        return new ModelCodec(TokenizerFile.read(file, config), TemplateSet.read(folder, config));
    }
}
