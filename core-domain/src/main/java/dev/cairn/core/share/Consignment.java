package dev.cairn.core.share;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Blocks that one member asks another to take over, as they are named in a command: {@code {"from":
 * id, "kinds": [{"model", "identity", "group", "layers", "tokens", "heads", "head_size", "type",
 * "blocks": [{"hash", "tenant"}]}]}}.
 *
 * @param from {@code Member#id} of who holds them
 * @param blocks {@link #MOST_BLOCKS} at most
 */
record Consignment(String from, List<Offered> blocks) {

    /** More than that is no batch. */
    static final int MOST_BLOCKS = 4096;

    /** No block of a real model comes near. */
    private static final long MOST_BLOCK_BYTES = 1L << 32;

    /** A block, and whose it is. */
    record Offered(BlockKey key, KvLayout layout, String tenant) {

        static Offered of(BlockEntry entry) {
            return new Offered(entry.key(), entry.layout(), entry.tenant());
        }

        long bytes() {
            return layout.blockBytes();
        }
    }

    /** Blocks of one kind come to stand together, as they do in the command. */
    Consignment {
        blocks = byKind(blocks).values().stream().flatMap(List::stream).toList();
        if (blocks.size() > MOST_BLOCKS) {
            throw new IllegalArgumentException(
                    "%d blocks are too many for one batch; the most is %d"
                            .formatted(blocks.size(), MOST_BLOCKS));
        }
    }

    private static Map<BlockKind, List<Offered>> byKind(List<Offered> blocks) {
        Map<BlockKind, List<Offered>> kinds = new LinkedHashMap<>();
        for (Offered block : blocks) {
            kinds.computeIfAbsent(BlockKind.of(block.key(), block.layout()), _ -> new ArrayList<>())
                    .add(block);
        }
        return kinds;
    }

    JsonObject toJson() {
        List<JsonValue> written = new ArrayList<>();
        byKind(blocks).forEach((kind, named) -> written.add(toJson(kind, named)));
        return JsonObject.builder()
                .put("from", from)
                .put("kinds", JsonValue.array(written))
                .build();
    }

    private static JsonValue toJson(BlockKind kind, List<Offered> blocks) {
        List<JsonValue> named = new ArrayList<>(blocks.size());
        for (Offered block : blocks) {
            named.add(
                    JsonObject.builder()
                            .put("hash", block.key().hash().toString())
                            .put("tenant", block.tenant())
                            .build());
        }
        return JsonObject.builder()
                .put("model", kind.model())
                .put("identity", kind.identity().text())
                .put("group", kind.group())
                .put("layers", kind.layout().layers())
                .put("tokens", kind.layout().tokens())
                .put("heads", kind.layout().heads())
                .put("head_size", kind.layout().headSize())
                .put("type", kind.layout().type().label())
                .put("blocks", JsonValue.array(named))
                .build();
    }

    /**
     * @throws IllegalArgumentException if it is none
     */
    static Consignment of(JsonValue json) {
        List<Offered> blocks = new ArrayList<>();
        for (JsonValue kind : array(json, "kinds")) {
            KvLayout layout =
                    new KvLayout(
                            number(kind, "layers"),
                            number(kind, "tokens"),
                            number(kind, "heads"),
                            number(kind, "head_size"),
                            type(text(kind, "type")));
            check(layout);
            String model = text(kind, "model");
            ComputeIdentity identity = new ComputeIdentity(text(kind, "identity"));
            int group = number(kind, "group");
            for (JsonValue block : array(kind, "blocks")) {
                BlockHash hash = BlockHash.of(HexFormat.of().parseHex(text(block, "hash")));
                blocks.add(
                        new Offered(
                                new BlockKey(model, identity, group, hash),
                                layout,
                                text(block, "tenant")));
            }
        }
        return new Consignment(text(json, "from"), blocks);
    }

    /** Factors are below 2^20 each, so that their products are checked before they overflow. */
    private static void check(KvLayout layout) {
        for (int factor :
                List.of(layout.layers(), layout.tokens(), layout.heads(), layout.headSize())) {
            if (factor < 1 || factor >= 1 << 20) {
                throw new IllegalArgumentException("no block has the layout " + layout);
            }
        }
        double bytes =
                2.0 * layout.layers() * layout.tokens() * layout.heads() * layout.headSize() * 8;
        if (bytes > MOST_BLOCK_BYTES) {
            throw new IllegalArgumentException("no block has the layout " + layout);
        }
    }

    private static KvType type(String label) {
        for (KvType type : KvType.values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        throw new IllegalArgumentException("there is no KV type " + label);
    }

    private static List<JsonValue> array(JsonValue json, String name) {
        if (member(json, name) instanceof JsonArray(var values)) {
            return values;
        }
        throw missing(name);
    }

    private static String text(JsonValue json, String name) {
        if (member(json, name) instanceof JsonString(var value)) {
            return value;
        }
        throw missing(name);
    }

    private static int number(JsonValue json, String name) {
        if (member(json, name) instanceof JsonNumber number) {
            try {
                return Math.toIntExact(number.longValueExact());
            } catch (ArithmeticException outOfRange) {
                throw new IllegalArgumentException(
                        name + " is out of range: " + number.literal(), outOfRange);
            }
        }
        throw missing(name);
    }

    private static JsonValue member(JsonValue json, String name) {
        return json instanceof JsonObject object ? object.member(name) : null;
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("a batch of blocks needs " + name);
    }
}
