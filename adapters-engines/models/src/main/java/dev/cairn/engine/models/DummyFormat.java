package dev.cairn.engine.models;

import dev.cairn.engine.models.dummy.DummyShape;
import dev.cairn.engine.models.dummy.DummyTokenizer;
import dev.cairn.engine.models.dummy.DummyWeights;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.TextCodec;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code dummy:SHAPE[:SEED]}: a model of a published shape with random weights, for benchmarks. */
final class DummyFormat implements ModelFormat {

    private static final String PREFIX = "dummy:";

    private record Wanted(DummyShape shape, long seed) {}

    @Override
    public String name() {
        return "dummy";
    }

    @Override
    public boolean recognises(String location) {
        return location.startsWith(PREFIX);
    }

    private static Wanted parse(String location) {
        String[] parts = location.substring(PREFIX.length()).split(":", -1);
        DummyShape shape =
                DummyShape.named(parts[0])
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                "%s: there is no shape \"%s\"; shapes are %s"
                                                        .formatted(
                                                                location,
                                                                parts[0],
                                                                String.join(
                                                                        ", ",
                                                                        DummyShape.names()))));
        if (parts.length > 2) {
            throw new ModelException(location + ": write dummy:SHAPE or dummy:SHAPE:SEED");
        }
        try {
            return new Wanted(shape, parts.length == 2 ? Long.parseLong(parts[1]) : 0);
        } catch (NumberFormatException e) {
            throw new ModelException(location + ": the seed \"" + parts[1] + "\" is no integer", e);
        }
    }

    @Override
    public ModelArtifact open(String location) {
        Wanted wanted = parse(location);
        Arena arena = Arena.ofShared();
        GenerationDefaults none = GenerationDefaults.none();
        TextCodec codec = openCodec(location);
        return new OpenedModel(
                wanted.shape().name(),
                location,
                wanted.shape().architecture(),
                new DummyWeights(wanted.shape().architecture(), wanted.seed(), arena),
                codec,
                new GenerationDefaults(
                        codec.endOfSequenceIds(),
                        OptionalInt.of(DummyTokenizer.BEGIN),
                        none.doSample(),
                        none.temperature(),
                        none.topP(),
                        none.topK(),
                        none.minP(),
                        none.repetitionPenalty()),
                () -> fingerprint("cairn-dummy-1:" + wanted.shape().name() + ":" + wanted.seed()),
                List.of(),
                arena);
    }

    private static ModelFingerprint fingerprint(String name) {
        try {
            return ModelFingerprint.of(
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public TextCodec openCodec(String location) {
        Wanted wanted = parse(location);
        return new ModelCodec(
                new DummyTokenizer(wanted.shape().architecture().vocabularySize()),
                TemplateSet.of(Optional.of(DummyTokenizer.TEMPLATE)));
    }
}
