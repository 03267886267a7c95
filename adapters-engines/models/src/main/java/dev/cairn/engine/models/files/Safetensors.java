package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads safetensors: eight bytes of header length, a JSON header, then the data of all tensors
 * without gaps.
 *
 * <p>Source: huggingface/safetensors, format description and the checks of its own reader (version
 * 0.6).
 */
public final class Safetensors {

    /** The reference reader's limit. */
    private static final long MAX_HEADER = 100_000_000;

    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final Pattern SHARD_NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,200}\\.safetensors");
    private static final int MAX_RANK = 8;
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    /** Bytes of one element, by the format's names. */
    private static final Map<String, Integer> ELEMENT_BYTES =
            Map.ofEntries(
                    Map.entry("BOOL", 1),
                    Map.entry("U8", 1),
                    Map.entry("I8", 1),
                    Map.entry("F8_E5M2", 1),
                    Map.entry("F8_E4M3", 1),
                    Map.entry("I16", 2),
                    Map.entry("U16", 2),
                    Map.entry("F16", 2),
                    Map.entry("BF16", 2),
                    Map.entry("I32", 4),
                    Map.entry("U32", 4),
                    Map.entry("F32", 4),
                    Map.entry("F64", 8),
                    Map.entry("I64", 8),
                    Map.entry("U64", 8));

    private Safetensors() {}

    /** A folder's tensors and the files that they lie in, in the order of their names. */
    public record Contents(TensorDirectory tensors, List<MappedFile> files) {}

    /**
     * Maps all tensors of a Hugging Face folder: one file, or the shards that an index names.
     *
     * @throws ModelException if a file is missing or malformed
     */
    public static Contents folder(Path folder, Arena arena) {
        List<MappedFile> files = new ArrayList<>();
        TensorDirectory directory =
                new TensorDirectory(folder.resolve(SINGLE).toString(), "config.json");
        if (Files.exists(folder.resolve(SINGLE)) || !Files.exists(folder.resolve(INDEX))) {
            files.add(MappedFile.open(folder.resolve(SINGLE), arena));
        } else {
            directory = new TensorDirectory(folder.resolve(INDEX).toString(), "config.json");
            for (String shard : shards(folder.resolve(INDEX))) {
                files.add(MappedFile.open(folder.resolve(shard), arena));
            }
        }
        for (MappedFile file : files) {
            for (Tensor tensor : tensors(file)) {
                directory.add(tensor);
            }
        }
        return new Contents(directory, files);
    }

    private static TreeSet<String> shards(Path index) {
        ConfigObject root = ConfigObject.read(index, MAX_HEADER);
        TreeSet<String> shards = new TreeSet<>();
        root.object("weight_map")
                .orElseThrow(() -> new ModelException(index + ": weight_map is missing"))
                .members()
                .forEach(
                        (tensor, file) -> {
                            if (!(file instanceof JsonString(String name))
                                    || !SHARD_NAME.matcher(name).matches()) {
                                throw new ModelException(
                                        index
                                                + ": weight_map names no safetensors file of this folder for tensor "
                                                + ConfigObject.shown(tensor));
                            }
                            shards.add(name);
                        });
        return shards;
    }

    /** The tensors of one file, each checked against its size. */
    static List<Tensor> tensors(MappedFile file) {
        long size = file.bytes().byteSize();
        if (size < 8) {
            throw new ModelException(
                    file.path()
                            + ": is truncated: a safetensors file starts with 8 bytes, this one has "
                            + size);
        }
        long headerLength = file.bytes().get(LENGTH, 0);
        if (headerLength < 2 || headerLength > MAX_HEADER || headerLength > size - 8) {
            throw new ModelException(
                    "%s: its header claims %s bytes, the file has %d after its length; it is truncated or no safetensors file"
                            .formatted(file.path(), Long.toUnsignedString(headerLength), size - 8));
        }
        JsonObject header = header(file, headerLength);
        MemorySegment data = file.bytes().asSlice(8 + headerLength);
        List<Located> located = new ArrayList<>();
        header.members()
                .forEach(
                        (name, value) -> {
                            if (!name.equals("__metadata__")) {
                                located.add(located(file, name, value, data.byteSize()));
                            }
                        });
        requireNoGaps(file, located, data.byteSize());
        return located.stream().map(place -> place.tensor(data)).toList();
    }

    private static JsonObject header(MappedFile file, long length) {
        String text =
                MappedFile.utf8(
                        file.bytes().asSlice(8, length).asByteBuffer(),
                        file.path() + ": the header");
        try {
            if (JsonReader.read(text, 8) instanceof JsonObject object) {
                return object;
            }
            throw new ModelException(file.path() + ": the header is no JSON object");
        } catch (JsonException e) {
            throw new ModelException(file.path() + ": the header is no JSON: " + e.getMessage(), e);
        }
    }

    /**
     * A tensor's description with its place in the data, before the data has been checked as a
     * whole.
     */
    private record Located(
            String file, String name, String encoding, List<Long> shape, long begin, long end) {

        Tensor tensor(MemorySegment data) {
            Optional<WeightType> type =
                    switch (encoding) {
                        case "F32" -> Optional.of(WeightType.FLOAT32);
                        case "F16" -> Optional.of(WeightType.FLOAT16);
                        case "BF16" -> Optional.of(WeightType.BFLOAT16);
                        default -> Optional.empty();
                    };
            return new Tensor(file, name, encoding, type, shape, data.asSlice(begin, end - begin));
        }
    }

    private static Located located(MappedFile file, String name, JsonValue value, long dataSize) {
        String what = file.path() + ": tensor " + ConfigObject.shown(name);
        if (!(value instanceof JsonObject entry)
                || !(entry.member("dtype") instanceof JsonString(String encoding))
                || !(entry.member("shape") instanceof JsonArray(List<JsonValue> sizes))
                || !(entry.member("data_offsets") instanceof JsonArray(List<JsonValue> offsets))
                || offsets.size() != 2) {
            throw new ModelException(
                    what + " has no dtype, shape and data_offsets as the format asks");
        }
        if (sizes.size() > MAX_RANK) {
            throw new ModelException(
                    what
                            + " has "
                            + sizes.size()
                            + " dimensions, at most "
                            + MAX_RANK
                            + " are read");
        }
        List<Long> shape = sizes.stream().map(size -> natural(size, what)).toList();
        long begin = natural(offsets.get(0), what);
        long end = natural(offsets.get(1), what);
        if (begin > end || end > dataSize) {
            throw new ModelException(
                    "%s lies at [%d, %d), the file has %d bytes of data; it is truncated or malformed"
                            .formatted(what, begin, end, dataSize));
        }
        Integer elementBytes = ELEMENT_BYTES.get(encoding);
        if (elementBytes == null) {
            throw new ModelException(
                    what + " has the unknown dtype " + ConfigObject.shown(encoding));
        }
        if (bytes(shape, elementBytes, what) != end - begin) {
            throw new ModelException(
                    "%s is %s in %s but has %d bytes"
                            .formatted(what, shape, encoding, end - begin));
        }
        return new Located(file.path().toString(), name, encoding, shape, begin, end);
    }

    private static long natural(JsonValue value, String what) {
        try {
            if (value instanceof JsonNumber number && number.longValueExact() >= 0) {
                return number.longValueExact();
            }
        } catch (ArithmeticException _) {
            // Falls through to the one message.
        }
        throw new ModelException(
                what + " has a size or offset that is no natural number below 2^63");
    }

    private static long bytes(List<Long> shape, long elementBytes, String what) {
        long bytes = elementBytes;
        for (long size : shape) {
            try {
                bytes = Math.multiplyExact(bytes, size);
            } catch (ArithmeticException e) {
                throw new ModelException(what + " has the impossible shape " + shape, e);
            }
        }
        return bytes;
    }

    private static void requireNoGaps(MappedFile file, List<Located> located, long dataSize) {
        located.sort(Comparator.comparingLong(Located::begin).thenComparingLong(Located::end));
        long end = 0;
        for (Located place : located) {
            if (place.begin() != end) {
                throw new ModelException(
                        "%s: tensor %s lies at byte %d of the data, expected at %d: tensors overlap or leave a gap"
                                .formatted(
                                        file.path(),
                                        ConfigObject.shown(place.name()),
                                        place.begin(),
                                        end));
            }
            end = place.end();
        }
        if (end != dataSize) {
            throw new ModelException(
                    "%s: its tensors end at byte %d of %d".formatted(file.path(), end, dataSize));
        }
    }
}
