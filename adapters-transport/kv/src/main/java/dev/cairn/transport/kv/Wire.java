package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Sizes of the protocol, and how values lie in bodies: little-endian, texts as a 16-bit length and
 * UTF-8. What is read was sent by somebody else, so every value is held against its bounds.
 */
final class Wire {

    /** Bytes of the largest body that opens or ends something. */
    static final int TALK_BYTES = 8192;

    /** Blocks in one request. */
    static final int MOST_PULLED = 4096;

    /** Layers in one group; more than any model has. */
    static final int MOST_LAYERS = 4096;

    static final int HASH_BYTES = 32;

    /** How many layers, and the blocks' hashes. */
    static final int PULL_BYTES = Integer.BYTES + MOST_PULLED * HASH_BYTES;

    static final int NONCE_BYTES = 32;

    /** A payload ends with the slice that reaches this, so that no frame keeps others waiting. */
    static final int PAYLOAD_GOAL = 1 << 18;

    /** Bytes of the largest slice that is sent at all. */
    static final int MOST_SLICE_BYTES = 1 << 26;

    /** Kinds of blocks that one connection carries. */
    static final int MOST_KINDS = 64;

    /** Requests under way on one connection; a power of two. */
    static final int MOST_REQUESTS = 1024;

    /** Credit that one connection may have. */
    static final long MOST_CREDIT = 1L << 31;

    private static final int MOST_TEXT_BYTES = 2048;

    private Wire() {}

    static void putText(ByteBuffer body, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, MOST_TEXT_BYTES);
        body.putShort((short) length).put(utf8, 0, length);
    }

    static String text(ByteBuffer body) throws ProtocolException {
        int length = Short.toUnsignedInt(body.getShort());
        if (length > MOST_TEXT_BYTES || length > body.remaining()) {
            throw new ProtocolException("sent a text of " + length + " bytes");
        }
        byte[] utf8 = new byte[length];
        body.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static boolean fits(BlockKind kind) {
        KvLayout layout = kind.layout();
        return kind.model().length() * 3 <= MOST_TEXT_BYTES
                && kind.identity().text().length() * 3 <= MOST_TEXT_BYTES
                && layout.layers() <= MOST_LAYERS
                && layout.sliceBytes() <= MOST_SLICE_BYTES;
    }

    static void putKind(ByteBuffer body, BlockKind kind) {
        KvLayout layout = kind.layout();
        putText(body, kind.model());
        putText(body, kind.identity().text());
        body.putInt(kind.group())
                .putInt(layout.layers())
                .putInt(layout.tokens())
                .putInt(layout.heads())
                .putInt(layout.headSize());
        putText(body, layout.type().label());
    }

    static BlockKind kind(ByteBuffer body) throws ProtocolException {
        String model = text(body);
        String identity = text(body);
        int group = body.getInt();
        int layers = within("layers", body.getInt(), MOST_LAYERS);
        int tokens = within("tokens", body.getInt(), 1 << 16);
        int heads = within("heads", body.getInt(), 1 << 16);
        int headSize = within("a head size", body.getInt(), 1 << 16);
        KvLayout layout = new KvLayout(layers, tokens, heads, headSize, type(text(body)));
        if (identity.isBlank() || group < 0) {
            throw new ProtocolException("named a kind of blocks without identity or group");
        }
        if (layout.sliceBytes() > MOST_SLICE_BYTES) {
            throw new ProtocolException("has slices of " + layout.sliceBytes() + " bytes");
        }
        return new BlockKind(model, new ComputeIdentity(identity), group, layout);
    }

    private static KvType type(String label) throws ProtocolException {
        for (KvType type : KvType.values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        throw new ProtocolException("stores keys and values as \"" + label + "\"");
    }

    private static int within(String what, int value, int most) throws ProtocolException {
        if (value < 1 || value > most) {
            throw new ProtocolException("has " + value + " as " + what);
        }
        return value;
    }

    static void putHash(ByteBuffer body, BlockHash hash) {
        body.putLong(hash.a()).putLong(hash.b()).putLong(hash.c()).putLong(hash.d());
    }

    static BlockHash hash(ByteBuffer body) {
        return new BlockHash(body.getLong(), body.getLong(), body.getLong(), body.getLong());
    }
}
