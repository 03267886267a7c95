package dev.cairn.transport.events;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.transport.events.MsgpackReader.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the batches of one engine, whichever form they have: events as tagged arrays (vLLM up to
 * 0.23, older SGLang) or as maps (vLLM since, SGLang since September 2026, Mooncake), the batch
 * itself as an array or a map. Fields that are not known are read over, and so are events.
 *
 * <p>Sources: vLLM {@code distributed/kv_events.py}, SGLang {@code disaggregation/kv_events.py},
 * Mooncake RFC 1527. Threads: one at a time, for groups are numbered as they are met.
 */
final class BatchReader {

    /** Hashes take more memory here than on the wire. */
    private static final int MOST_HASHES = 1 << 18;

    private static final int MOST_EVENTS = 1 << 18;
    private static final int MOST_TEXT = 4096;
    private static final double MOST_SECONDS = 1e11;

    private final GroupNumbers groups = new GroupNumbers();
    private final int most;
    private int hashes;

    /**
     * @param most bytes of a batch
     */
    BatchReader(int most) {
        this.most = most;
    }

    /**
     * @param payload MessagePack
     * @throws MalformedMessage if it is no batch; nothing of it counts then
     */
    KvEventBatch read(long sequence, byte[] payload) {
        if (payload.length > most) {
            throw new MalformedMessage(
                    "a batch of %d bytes, %d are the most".formatted(payload.length, most));
        }
        hashes = 0;
        MsgpackReader in = new MsgpackReader(payload);
        KvEventBatch batch =
                in.next() == Kind.MAP ? fromMap(sequence, in) : fromArray(sequence, in);
        if (in.remaining() > 0) {
            throw new MalformedMessage(in.remaining() + " bytes after the batch");
        }
        return batch;
    }

    /** {@code [seconds, events, rank?]}; what newer engines append is read over. */
    private KvEventBatch fromArray(long sequence, MsgpackReader in) {
        int fields = in.array();
        if (fields < 2) {
            throw new MalformedMessage("a batch of " + fields + " fields");
        }
        long micros = micros(in);
        List<KvEvent> events = events(in);
        for (int i = 2; i < fields; i++) {
            in.skip();
        }
        return new KvEventBatch(sequence, micros, events);
    }

    private KvEventBatch fromMap(long sequence, MsgpackReader in) {
        int fields = in.map();
        long micros = 0;
        List<KvEvent> events = null;
        for (int i = 0; i < fields; i++) {
            switch (in.string(MOST_TEXT)) {
                case "ts" -> micros = micros(in);
                case "events" -> events = events(in);
                default -> in.skip();
            }
        }
        if (events == null) {
            throw new MalformedMessage("a batch without events");
        }
        return new KvEventBatch(sequence, micros, events);
    }

    private static long micros(MsgpackReader in) {
        double seconds = in.decimal();
        if (!(seconds >= 0 && seconds <= MOST_SECONDS)) {
            throw new MalformedMessage("a batch of the time " + seconds);
        }
        return Math.round(seconds * 1e6);
    }

    private List<KvEvent> events(MsgpackReader in) {
        int count = in.array();
        if (count > MOST_EVENTS) {
            throw new MalformedMessage(count + " events in one batch");
        }
        List<KvEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EventFields fields = new EventFields();
            if (in.next() == Kind.MAP) {
                map(in, fields);
            } else {
                array(in, fields);
            }
            KvEvent event = fields.event(groups);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private void map(MsgpackReader in, EventFields fields) {
        int count = in.map();
        for (int i = 0; i < count; i++) {
            String key = in.string(MOST_TEXT);
            // Nil means the default, which is what a field has before it is read.
            if (!in.nil()) {
                field(key, in, fields);
            }
        }
    }

    private void field(String key, MsgpackReader in, EventFields fields) {
        switch (key) {
            case "type", "event_type" -> fields.type = in.string(MOST_TEXT);
            case "block_hashes", "seq_hashes" -> fields.hashes = hashes(in);
            case "parent_block_hash", "parent_hash" -> fields.parent = hash(in);
            case "token_ids" -> fields.tokens = tokens(in);
            case "block_size" -> fields.blockTokens = blockTokens(in);
            case "medium" -> fields.medium = in.string(MOST_TEXT);
            case "lora_id" -> fields.loraId = in.integer();
            case "lora_name" -> fields.loraName = in.string(MOST_TEXT);
            case "extra_keys" -> extraKeys(in, fields);
            case "cache_salt", "additional_salt" -> fields.salt = in.string(MOST_TEXT);
            case "group_idx" -> fields.group = in.integer(0, Integer.MAX_VALUE);
            case "kv_cache_spec_kind" -> fields.groupKind = in.string(MOST_TEXT);
            default -> in.skip();
        }
    }

    private void array(MsgpackReader in, EventFields fields) {
        int count = in.array();
        if (count == 0) {
            throw new MalformedMessage("an event without a type");
        }
        fields.type = in.string(MOST_TEXT);
        String[] names = EventFields.arrayFields(fields.type);
        for (int i = 1; i < count; i++) {
            if (in.nil()) {
                continue;
            }
            String name = i <= names.length ? names[i - 1] : "";
            if (name.equals("lora_name") && in.next() == Kind.MAP) {
                // Here SGLang has a map with the salt.
                map(in, fields);
            } else {
                field(name, in, fields);
            }
        }
    }

    private List<BlockHash> hashes(MsgpackReader in) {
        int count = in.array();
        hashes += count;
        if (hashes > MOST_HASHES) {
            throw new MalformedMessage("more than " + MOST_HASHES + " hashes in one batch");
        }
        List<BlockHash> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(hash(in));
        }
        return all;
    }

    /** 64 bits as a number with or without sign, or a digest of 8, 16 or 32 bytes. */
    private static BlockHash hash(MsgpackReader in) {
        if (in.next() == Kind.INTEGER) {
            return new BlockHash(0, 0, 0, in.integer());
        }
        byte[] digest = in.binary(32);
        if (digest.length != 8 && digest.length != 16 && digest.length != 32) {
            throw new MalformedMessage("a hash of " + digest.length + " bytes");
        }
        byte[] whole = new byte[32];
        System.arraycopy(digest, 0, whole, 32 - digest.length, digest.length);
        return BlockHash.of(whole);
    }

    private static int[] tokens(MsgpackReader in) {
        int[] tokens = new int[in.array()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return tokens;
    }

    private static int blockTokens(MsgpackReader in) {
        return in.integer(0, 1 << 20);
    }

    /**
     * What blocks depend on beside their tokens, one entry per block: nil, or a list of texts
     * (adapter, salt), pairs that are tagged so, and whatever stands for pictures.
     */
    private static void extraKeys(MsgpackReader in, EventFields fields) {
        int blocks = in.array();
        for (int block = 0; block < blocks; block++) {
            if (in.nil()) {
                continue;
            }
            int keys = in.array();
            for (int i = 0; i < keys; i++) {
                if (in.next() == Kind.STRING) {
                    fields.extraText(block, in.string(MOST_TEXT));
                } else if (in.next() == Kind.ARRAY) {
                    tagged(in, block, fields);
                } else {
                    in.skip();
                    fields.hasOtherKeys = true;
                }
            }
        }
    }

    private static void tagged(MsgpackReader in, int block, EventFields fields) {
        int parts = in.array();
        String tag = parts > 0 && in.next() == Kind.STRING ? in.string(MOST_TEXT) : "";
        int read = tag.isEmpty() ? 0 : 1;
        if (parts == 2 && tag.equals("cache_salt") && in.next() == Kind.STRING) {
            fields.extraText(block, in.string(MOST_TEXT));
            return;
        }
        fields.hasOtherKeys |= !tag.equals("lora");
        for (int i = read; i < parts; i++) {
            in.skip();
        }
    }
}
