package dev.cairn.engine.models;

import dev.cairn.engine.models.files.ContentDigest;
import dev.cairn.engine.models.files.GgufArchitecture;
import dev.cairn.engine.models.files.GgufFile;
import dev.cairn.engine.models.files.GgufMetadata;
import dev.cairn.engine.models.tokenizer.GgufTokenizer;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.TextCodec;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** GGUF files, llama.cpp's format: weights, tokenizer and template in one. */
final class GgufFormat implements ModelFormat {

    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    @Override
    public String name() {
        return "gguf";
    }

    @Override
    public boolean recognises(String location) {
        try {
            Path path = Path.of(location);
            return Files.isRegularFile(path)
                    && (location.endsWith(".gguf") || startsWithMagic(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean startsWithMagic(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public ModelArtifact open(String location) {
        Path path = Path.of(location);
        Arena arena = Arena.ofShared();
        try {
            GgufFile file = GgufFile.open(path, arena);
            GgufArchitecture.Model model = GgufArchitecture.read(file);
            TextCodec codec = codec(file.metadata());
            return new OpenedModel(
                    nameOf(path),
                    location,
                    model.architecture(),
                    model.weights(),
                    codec,
                    defaults(file.metadata(), codec),
                    () -> ContentDigest.of("", List.of(file.file())),
                    List.of(file.file()),
                    arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static String nameOf(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }

    private static GenerationDefaults defaults(GgufMetadata metadata, TextCodec codec) {
        GenerationDefaults none = GenerationDefaults.none();
        OptionalInt begin =
                metadata.integer("tokenizer.ggml.bos_token_id", 0, Integer.MAX_VALUE)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty());
        return new GenerationDefaults(
                codec.endOfSequenceIds(),
                begin,
                none.doSample(),
                none.temperature(),
                none.topP(),
                none.topK(),
                none.minP(),
                none.repetitionPenalty());
    }

    private static TextCodec codec(GgufMetadata metadata) {
        return new ModelCodec(
                GgufTokenizer.read(metadata),
                TemplateSet.of(metadata.text("tokenizer.chat_template")));
    }

    @Override
    public TextCodec openCodec(String location) {
        try (Arena arena = Arena.ofConfined()) {
            return codec(GgufFile.openMetadata(Path.of(location), arena).metadata());
        } catch (InvalidPathException e) {
            throw new ModelException(location + ": is no path", e);
        }
    }
}
