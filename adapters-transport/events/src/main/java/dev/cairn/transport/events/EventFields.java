package dev.cairn.transport.events;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.TokenRun;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one event as they are read, until all are there.
 *
 * <p>Threads: one at a time.
 */
final class EventFields {

    private static final String[] STORED = {
        "block_hashes",
        "parent_block_hash",
        "token_ids",
        "block_size",
        "lora_id",
        "medium",
        "lora_name",
        "extra_keys",
        "group_idx",
        "kv_cache_spec_kind",
    };
    private static final String[] REMOVED = {"block_hashes", "medium", "group_idx"};
    private static final String[] NONE = {};

    String type = "";
    List<BlockHash> hashes;
    BlockHash parent;
    int[] tokens = {};
    int blockTokens;
    String medium;
    Long loraId;
    String loraName;
    String salt = "";
    Integer group;
    String groupKind;

    /** Blocks depend on something that is neither adapter nor salt, for example a picture. */
    boolean hasOtherKeys;

    /** Texts among the extra keys of the event's first block. */
    private final List<String> firstTexts = new ArrayList<>();

    /** Which fields follow the type where an event is an array (vLLM up to 0.23). */
    static String[] arrayFields(String type) {
        return switch (type) {
            case "BlockStored" -> STORED;
            case "BlockRemoved" -> REMOVED;
            default -> NONE;
        };
    }

    /** A text among the extra keys of a block: the adapter's name, or the salt. */
    void extraText(int block, String text) {
        if (block == 0) {
            firstTexts.add(text);
        } else {
            hasOtherKeys |= !text.equals(loraName);
        }
    }

    /**
     * @return null for an event that is not known
     */
    KvEvent event(GroupNumbers groups) {
        return switch (type) {
            case "BlockStored", "stored" -> stored(groups);
            case "BlockRemoved", "removed" ->
                    new KvEvent.BlocksRemoved(
                            required(hashes), groups.removed(group), Media.tier(medium));
            case "AllBlocksCleared", "cleared" -> new KvEvent.AllCleared();
            case "" -> throw new MalformedMessage("an event without a type");
            default -> null;
        };
    }

    private KvEvent stored(GroupNumbers groups) {
        takeSalt();
        boolean tokensTell =
                !hasOtherKeys && tokens.length == (long) required(hashes).size() * blockTokens;
        return new KvEvent.BlocksStored(
                required(hashes),
                parent,
                TokenRun.of(tokens, 0, tokensTell ? tokens.length : 0),
                blockTokens,
                groups.stored(group, groupKind),
                Media.tier(medium),
                adapter(),
                salt);
    }

    /** The first block of a prompt alone has one; another text there stands for a picture. */
    private void takeSalt() {
        firstTexts.remove(loraName);
        if (!salt.isEmpty()) {
            firstTexts.remove(salt);
        } else if (parent == null && firstTexts.size() == 1) {
            salt = firstTexts.removeFirst();
        }
        hasOtherKeys |= !firstTexts.isEmpty();
        if (parent != null) {
            salt = "";
        }
    }

    private String adapter() {
        if (loraName != null) {
            return loraName;
        }
        return loraId == null ? "" : "lora-" + loraId;
    }

    private static <T> T required(T value) {
        if (value == null) {
            throw new MalformedMessage("an event without block hashes");
        }
        return value;
    }
}
