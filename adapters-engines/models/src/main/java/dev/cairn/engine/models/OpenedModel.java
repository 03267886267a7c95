package dev.cairn.engine.models;

import dev.cairn.engine.models.files.MappedFile;
import dev.cairn.engine.models.files.PeftAdapter;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.WeightSource;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** A model whose parts have been read and checked. */
final class OpenedModel implements ModelArtifact {

    private final String name;
    private final String location;
    private final ModelArchitecture architecture;
    private final WeightSource weights;
    private final TextCodec codec;
    private final GenerationDefaults defaults;
    private final Supplier<ModelFingerprint> digest;
    private final List<MappedFile> files;
    private final Arena arena;
    private ModelFingerprint fingerprint;

    /**
     * @param digest computes the fingerprint; asked once, on first use, because it reads all
     *     weights
     * @param files that the weights are read from
     * @param arena what the weights live in; closed with the model
     */
    OpenedModel(
            String name,
            String location,
            ModelArchitecture architecture,
            WeightSource weights,
            TextCodec codec,
            GenerationDefaults defaults,
            Supplier<ModelFingerprint> digest,
            List<MappedFile> files,
            Arena arena) {
        this.name = name;
        this.location = location;
        this.architecture = architecture;
        this.weights = weights;
        this.codec = codec;
        this.defaults = defaults;
        this.digest = digest;
        this.files = List.copyOf(files);
        this.arena = arena;
    }

    @Override
    public String defaultName() {
        return name;
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public ModelArchitecture architecture() {
        return architecture;
    }

    @Override
    public WeightSource weights() {
        return weights;
    }

    @Override
    public TextCodec codec() {
        return codec;
    }

    @Override
    public GenerationDefaults generationDefaults() {
        return defaults;
    }

    @Override
    public synchronized ModelFingerprint fingerprint() {
        if (fingerprint == null) {
            fingerprint = digest.get();
        }
        return fingerprint;
    }

    @Override
    public AdapterArtifact openAdapter(String location) {
        return PeftAdapter.open(Path.of(location), architecture);
    }

    @Override
    public void unload() {
        files.forEach(MappedFile::unload);
    }

    @Override
    public void requireUnchanged() {
        files.forEach(MappedFile::requireUnchanged);
    }

    @Override
    public void close() {
        arena.close();
    }
}
