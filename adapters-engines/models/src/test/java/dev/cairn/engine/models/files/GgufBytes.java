package dev.cairn.engine.models.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes GGUF files value by value and tensor by tensor; the data of each tensor counts up from 0.
 */
final class GgufBytes {

    static final int UINT32 = 4;
    static final int FLOAT32 = 6;
    static final int STRING = 8;
    static final int ARRAY = 9;

    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int valueCount;
    private int tensorCount;

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static byte[] int64(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(int64(bytes.length));
        out.writeBytes(bytes);
    }

    /** A value with its bytes as they are. */
    GgufBytes raw(String key, int type, byte[] bytes) {
        text(values, key);
        values.writeBytes(int32(type));
        values.writeBytes(bytes);
        valueCount++;
        return this;
    }

    GgufBytes uint32(String key, int value) {
        return raw(key, UINT32, int32(value));
    }

    GgufBytes float32(String key, float value) {
        return raw(key, FLOAT32, int32(Float.floatToRawIntBits(value)));
    }

    GgufBytes string(String key, String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        text(out, value);
        return raw(key, STRING, out.toByteArray());
    }

    GgufBytes strings(String key, List<String> items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(int32(STRING));
        out.writeBytes(int64(items.size()));
        items.forEach(item -> text(out, item));
        return raw(key, ARRAY, out.toByteArray());
    }

    /**
     * @param type ggml's number: 0 F32, 1 F16, 2 Q4_0, 8 Q8_0, 30 BF16
     * @param bytes size of the data
     * @param sizes innermost first, as the format has them
     */
    GgufBytes tensor(String name, int type, int bytes, long... sizes) {
        return tensorAt(name, type, (data.size() + 31) / 32 * 32, bytes, sizes);
    }

    GgufBytes tensorAt(String name, int type, long offset, int bytes, long... sizes) {
        text(directory, name);
        directory.writeBytes(int32(sizes.length));
        for (long size : sizes) {
            directory.writeBytes(int64(size));
        }
        directory.writeBytes(int32(type));
        directory.writeBytes(int64(offset));
        while (data.size() % 32 != 0) {
            data.write(0);
        }
        for (int i = 0; i < bytes; i++) {
            data.write(i);
        }
        tensorCount++;
        return this;
    }

    byte[] bytes() {
        return bytes(3, tensorCount, valueCount);
    }

    byte[] bytes(int version, long tensors, long metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(int32(version));
        out.writeBytes(int64(tensors));
        out.writeBytes(int64(metadata));
        out.writeBytes(values.toByteArray());
        out.writeBytes(directory.toByteArray());
        while (out.size() % 32 != 0) {
            out.write(0);
        }
        out.writeBytes(data.toByteArray());
        return out.toByteArray();
    }

    /**
     * A one-layer model with hidden size 32, 2 heads of 16, 1 key-value head, feed-forward 64,
     * vocabulary 10.
     */
    static GgufBytes tiny(String architecture) {
        return new GgufBytes()
                .string("general.architecture", architecture)
                .uint32(architecture + ".embedding_length", 32)
                .uint32(architecture + ".block_count", 1)
                .uint32(architecture + ".feed_forward_length", 64)
                .uint32(architecture + ".attention.head_count", 2)
                .uint32(architecture + ".attention.head_count_kv", 1)
                .uint32(architecture + ".context_length", 64)
                .float32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .tensor("token_embd.weight", 8, 340, 32, 10)
                .tensor("output_norm.weight", 0, 128, 32)
                .tensor("blk.0.attn_norm.weight", 0, 128, 32)
                .tensor("blk.0.ffn_norm.weight", 0, 128, 32)
                .tensor("blk.0.attn_q.weight", 8, 32 * 34, 32, 32)
                .tensor("blk.0.attn_k.weight", 2, 16 * 18, 32, 16)
                .tensor("blk.0.attn_v.weight", 1, 16 * 64, 32, 16)
                .tensor("blk.0.attn_output.weight", 30, 32 * 64, 32, 32)
                .tensor("blk.0.ffn_gate.weight", 8, 64 * 34, 32, 64)
                .tensor("blk.0.ffn_up.weight", 8, 64 * 34, 32, 64)
                .tensor("blk.0.ffn_down.weight", 8, 32 * 68, 64, 32);
    }
}
