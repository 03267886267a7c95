package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads GGUF version 2 and 3: metadata, a directory of tensors, then their data, each aligned.
 *
 * <p>Source: ggml's GGUF specification (docs/gguf.md) and enum ggml_type.
 */
public final class GgufFile {

    private static final int MAX_RANK = 4;
    private static final int MAX_KEY = 65_535;
    private static final int MAX_TENSOR_NAME = 255;
    private static final int MAX_ARRAY_NESTING = 4;
    private static final String[] ENCODINGS = {
        "F32",
        "F16",
        "Q4_0",
        "Q4_1",
        "Q4_2",
        "Q4_3",
        "Q5_0",
        "Q5_1",
        "Q8_0",
        "Q8_1",
        "Q2_K",
        "Q3_K",
        "Q4_K",
        "Q5_K",
        "Q6_K",
        "Q8_K",
        "IQ2_XXS",
        "IQ2_XS",
        "IQ3_XXS",
        "IQ1_S",
        "IQ4_NL",
        "IQ3_S",
        "IQ2_S",
        "IQ4_XS",
        "I8",
        "I16",
        "I32",
        "I64",
        "F64",
        "IQ1_M",
        "BF16",
        "Q4_0_4_4",
        "Q4_0_4_8",
        "Q4_0_8_8",
        "TQ1_0",
        "TQ2_0",
        "IQ4_NL_4_4",
        "IQ4_NL_4_8",
        "IQ4_NL_8_8",
        "MXFP4",
        "NVFP4"
    };

    private final MappedFile file;
    private final GgufMetadata metadata;
    private final TensorDirectory tensors;

    private GgufFile(MappedFile file, GgufMetadata metadata, TensorDirectory tensors) {
        this.file = file;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    public MappedFile file() {
        return file;
    }

    public GgufMetadata metadata() {
        return metadata;
    }

    TensorDirectory tensors() {
        return tensors;
    }

    /**
     * @throws ModelException if the file is missing, truncated, malformed, or keeps a tensor in an
     *     encoding that is not served
     */
    public static GgufFile open(Path path, Arena arena) {
        return read(MappedFile.open(path, arena));
    }

    static GgufFile read(MappedFile file) {
        return new Reader(file).read(true);
    }

    /** As {@link #open}, but leaves the tensors unread: for the tokenizer and template alone. */
    public static GgufFile openMetadata(Path path, Arena arena) {
        return new Reader(MappedFile.open(path, arena)).read(false);
    }

    /** Reads one file from front to back. */
    private static final class Reader {

        private final MappedFile file;
        private final GgufCursor cursor;

        Reader(MappedFile file) {
            this.file = file;
            this.cursor = new GgufCursor(file);
        }

        GgufFile read(boolean withTensors) {
            int magic = cursor.int32("the magic number");
            if (magic != 0x46554747) {
                throw cursor.fault("is no GGUF file");
            }
            int version = cursor.int32("the version");
            if (version != 2 && version != 3) {
                boolean bigEndian =
                        Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
                throw cursor.fault(
                        bigEndian
                                ? "is a big-endian GGUF file; only little-endian ones are served"
                                : "is GGUF version "
                                        + Integer.toUnsignedString(version)
                                        + "; served are 2 and 3");
            }
            // A tensor takes at least 24 bytes of the directory, a value at least 13.
            long tensorCount = cursor.count("the number of tensors", 24);
            long valueCount = cursor.count("the number of metadata values", 13);
            GgufMetadata metadata = metadata(valueCount);
            if (metadata.integer("split.count", 0, 65_535).orElse(1) > 1) {
                throw cursor.fault(
                        "is one part of a split model; join the parts with llama.cpp's gguf-split --merge");
            }
            TensorDirectory tensors = new TensorDirectory(file.path().toString(), "its metadata");
            if (withTensors) {
                tensors(tensorCount, alignment(metadata)).forEach(tensors::add);
            }
            return new GgufFile(file, metadata, tensors);
        }

        private GgufMetadata metadata(long count) {
            Map<String, Object> values = new HashMap<>();
            for (long i = 0; i < count; i++) {
                String key = cursor.text("a metadata key", MAX_KEY);
                int type = cursor.int32("the type of " + ConfigObject.shown(key));
                Object value = value(type, key, 0);
                if (values.put(key, value) != null) {
                    throw cursor.fault(
                            "metadata key " + ConfigObject.shown(key) + " appears twice");
                }
            }
            return new GgufMetadata(file.path().toString(), values);
        }

        private Object value(int type, String key, int nesting) {
            String what = "the value of " + ConfigObject.shown(key);
            return switch (type) {
                case 0 -> cursor.int8(what) & 0xFFL;
                case 1 -> (long) cursor.int8(what);
                case 2 -> cursor.int16(what) & 0xFFFFL;
                case 3 -> (long) cursor.int16(what);
                case 4 -> cursor.int32(what) & 0xFFFF_FFFFL;
                case 5 -> (long) cursor.int32(what);
                case 6 -> (double) Float.intBitsToFloat(cursor.int32(what));
                case 7 -> cursor.int8(what) != 0;
                case 8 -> cursor.text(what, Integer.MAX_VALUE);
                case 9 -> array(key, nesting + 1);
                case 10, 11 -> cursor.int64(what);
                case 12 -> Double.longBitsToDouble(cursor.int64(what));
                default ->
                        throw cursor.fault(
                                what + " has the unknown type " + Integer.toUnsignedString(type));
            };
        }

        private List<Object> array(String key, int nesting) {
            if (nesting > MAX_ARRAY_NESTING) {
                throw cursor.fault(
                        "the value of "
                                + ConfigObject.shown(key)
                                + " nests lists deeper than "
                                + MAX_ARRAY_NESTING);
            }
            int type = cursor.int32("the element type of " + ConfigObject.shown(key));
            int elementBytes =
                    switch (type) {
                        case 0, 1, 7 -> 1;
                        case 2, 3 -> 2;
                        case 4, 5, 6 -> 4;
                        case 9 -> 12;
                        default -> 8;
                    };
            long count = cursor.count("the length of " + ConfigObject.shown(key), elementBytes);
            List<Object> values = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                values.add(value(type, key, nesting));
            }
            return Collections.unmodifiableList(values);
        }

        private long alignment(GgufMetadata metadata) {
            int alignment = metadata.integer("general.alignment", 1, 1 << 20).orElse(32);
            if (Integer.bitCount(alignment) != 1) {
                throw metadata.wrong("general.alignment", "a power of two");
            }
            return alignment;
        }

        /** A directory entry before the place of the data is known. */
        private record Entry(
                String name,
                String encoding,
                Optional<WeightType> type,
                List<Long> shape,
                long offset,
                long bytes) {}

        private List<Tensor> tensors(long count, long alignment) {
            List<Entry> entries = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                entries.add(entry(alignment));
            }
            long dataStart = (cursor.position() + alignment - 1) / alignment * alignment;
            long available = Math.max(0, file.bytes().byteSize() - dataStart);
            requireApart(entries, available);
            return entries.stream()
                    .map(
                            entry ->
                                    new Tensor(
                                            file.path().toString(),
                                            entry.name(),
                                            entry.encoding(),
                                            entry.type(),
                                            entry.shape(),
                                            file.bytes()
                                                    .asSlice(
                                                            entry.bytes() == 0
                                                                    ? 0
                                                                    : dataStart + entry.offset(),
                                                            entry.bytes())))
                    .toList();
        }

        private Entry entry(long alignment) {
            String name = cursor.text("a tensor's name", MAX_TENSOR_NAME);
            String what = "tensor " + ConfigObject.shown(name);
            int rank = cursor.int32("the rank of " + what);
            if (rank < 1 || rank > MAX_RANK) {
                throw cursor.fault(
                        what
                                + " has "
                                + Integer.toUnsignedString(rank)
                                + " dimensions, expected 1 to "
                                + MAX_RANK);
            }
            List<Long> shape = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
                long size = cursor.int64("the shape of " + what);
                if (size < 0) {
                    throw cursor.fault(
                            what + " has the impossible size " + Long.toUnsignedString(size));
                }
                // The file names the innermost size first.
                shape.addFirst(size);
            }
            int code = cursor.int32("the type of " + what);
            String encoding =
                    code >= 0 && code < ENCODINGS.length
                            ? ENCODINGS[code]
                            : "type " + Integer.toUnsignedString(code);
            long offset = cursor.int64("the offset of " + what);
            if (offset < 0 || offset % alignment != 0) {
                throw cursor.fault(
                        what
                                + " lies at offset "
                                + Long.toUnsignedString(offset)
                                + ", which is no multiple of "
                                + alignment);
            }
            Optional<WeightType> type = type(encoding, what);
            long bytes =
                    type.map(plain -> bytes(shape, plain.blockLength(), plain.blockBytes(), what))
                            .orElseGet(
                                    () -> {
                                        GgufBlocks blocks = GgufBlocks.valueOf(encoding);
                                        return bytes(
                                                shape,
                                                blocks.blockLength(),
                                                blocks.blockBytes(),
                                                what);
                                    });
            return new Entry(name, encoding, type, List.copyOf(shape), offset, bytes);
        }

        /** Empty for {@link GgufBlocks}. */
        private Optional<WeightType> type(String encoding, String what) {
            return switch (encoding) {
                case "F32" -> Optional.of(WeightType.FLOAT32);
                case "F16" -> Optional.of(WeightType.FLOAT16);
                case "BF16" -> Optional.of(WeightType.BFLOAT16);
                case "Q8_0" -> Optional.of(WeightType.Q8_0);
                case "Q4_0" -> Optional.of(WeightType.Q4_0);
                case "Q5_0", "Q4_K", "Q5_K", "Q6_K" -> Optional.empty();
                default ->
                        throw cursor.fault(
                                what
                                        + " is stored as "
                                        + encoding
                                        + ", which is not served; served are F32, F16, BF16, Q8_0, Q6_K, Q5_K, Q5_0, Q4_K and Q4_0");
            };
        }

        private long bytes(List<Long> shape, int blockLength, int blockBytes, String what) {
            long columns = shape.getLast();
            if (columns % blockLength != 0) {
                throw cursor.fault(
                        what
                                + " has rows of "
                                + columns
                                + " weights, its type packs blocks of "
                                + blockLength);
            }
            try {
                long bytes = Math.multiplyExact(columns / blockLength, blockBytes);
                for (long size : shape.subList(0, shape.size() - 1)) {
                    bytes = Math.multiplyExact(bytes, size);
                }
                return bytes;
            } catch (ArithmeticException e) {
                throw cursor.fault(what + " has the impossible shape " + shape);
            }
        }

        private void requireApart(List<Entry> entries, long available) {
            long end = 0;
            for (Entry entry :
                    entries.stream().sorted(Comparator.comparingLong(Entry::offset)).toList()) {
                String what = "tensor " + ConfigObject.shown(entry.name());
                if (entry.bytes() > available || entry.offset() > available - entry.bytes()) {
                    throw cursor.fault(
                            "%s needs %d bytes at offset %d, the file has %d bytes of data; it is truncated or malformed"
                                    .formatted(what, entry.bytes(), entry.offset(), available));
                }
                if (entry.bytes() > 0 && entry.offset() < end) {
                    throw cursor.fault(what + " overlaps the tensor before it");
                }
                end = Math.max(end, entry.offset() + entry.bytes());
            }
        }
    }
}
