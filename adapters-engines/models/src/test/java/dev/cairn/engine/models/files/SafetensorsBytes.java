package dev.cairn.engine.models.files;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes safetensors files tensor by tensor, values counting up from 0. */
final class SafetensorsBytes {

    private record Entry(String encoding, long[] shape, int elementBytes) {

        long bytes() {
            return Arrays.stream(shape).reduce(elementBytes, (a, b) -> a * b);
        }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    SafetensorsBytes float32(String name, long... shape) {
        entries.put(name, new Entry("F32", shape, 4));
        return this;
    }

    SafetensorsBytes bfloat16(String name, long... shape) {
        entries.put(name, new Entry("BF16", shape, 2));
        return this;
    }

    SafetensorsBytes without(String name) {
        entries.remove(name);
        return this;
    }

    /**
     * The tensors of a one-layer Llama with hidden size 8, 2 heads of 4, 1 key-value head,
     * feed-forward 12, vocabulary 10.
     */
    static SafetensorsBytes tinyLlama() {
        String block = "model.layers.0.";
        return new SafetensorsBytes()
                .float32("model.embed_tokens.weight", 10, 8)
                .float32("model.norm.weight", 8)
                .float32(block + "input_layernorm.weight", 8)
                .float32(block + "post_attention_layernorm.weight", 8)
                .bfloat16(block + "self_attn.q_proj.weight", 8, 8)
                .bfloat16(block + "self_attn.k_proj.weight", 4, 8)
                .bfloat16(block + "self_attn.v_proj.weight", 4, 8)
                .bfloat16(block + "self_attn.o_proj.weight", 8, 8)
                .bfloat16(block + "mlp.gate_proj.weight", 12, 8)
                .bfloat16(block + "mlp.up_proj.weight", 12, 8)
                .bfloat16(block + "mlp.down_proj.weight", 8, 12);
    }

    static final String TINY_LLAMA_CONFIG =
            """
            {"model_type": "llama", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
             "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 10, "tie_word_embeddings": true,
             "rms_norm_eps": 1e-5, "max_position_embeddings": 64, "rope_theta": 10000.0}
            """;

    String header() {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        for (var entry : entries.entrySet()) {
            Entry tensor = entry.getValue();
            header.append(
                    ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(
                                    entry.getKey(),
                                    tensor.encoding(),
                                    Arrays.stream(tensor.shape())
                                            .mapToObj(Long::toString)
                                            .collect(Collectors.joining(",", "[", "]")),
                                    at,
                                    at + tensor.bytes()));
            at += tensor.bytes();
        }
        return header.append('}').toString();
    }

    byte[] bytes() {
        return file(header(), (int) entries.values().stream().mapToLong(Entry::bytes).sum());
    }

    /** A file with any header and so many bytes of data. */
    static byte[] file(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
        out.writeBytes(text);
        for (int i = 0; i < dataBytes; i++) {
            out.write(i);
        }
        return out.toByteArray();
    }

    /** As if the bytes were a mapped file of that name. */
    static MappedFile mapped(String name, byte[] bytes) {
        return new MappedFile(
                Path.of(name), MemorySegment.ofArray(bytes).asReadOnly(), FileTime.fromMillis(0));
    }
}
