package dev.cairn.transport.events;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import java.util.List;

/**
 * Writes batches as vLLM's consumers read them: {@code [seconds, [event ...], rank]}, each event a
 * map or a tagged array. Hashes are their last 64 bits, as vLLM sends them, or all 32 bytes.
 *
 * <p>Threads: any.
 */
final class BatchWriter {

    private final Dialect.Form form;
    private final boolean wholeHashes;

    BatchWriter(Dialect.Form form, boolean wholeHashes) {
        this.form = form;
        this.wholeHashes = wholeHashes;
    }

    byte[] write(KvEventBatch batch) {
        MsgpackWriter out = new MsgpackWriter();
        out.array(3);
        out.decimal(batch.epochMicros() / 1e6);
        out.array(batch.events().size());
        for (KvEvent event : batch.events()) {
            switch (form) {
                case MAPS -> map(out, event);
                case ARRAYS -> array(out, event);
            }
        }
        // The data-parallel rank: every one of our workers is one of its own.
        out.integer(0);
        return out.toBytes();
    }

    private void map(MsgpackWriter out, KvEvent event) {
        switch (event) {
            case KvEvent.BlocksStored stored -> storedMap(out, stored);
            case KvEvent.BlocksRemoved removed -> {
                out.map(removed.group() == 0 ? 3 : 4);
                out.string("type");
                out.string("BlockRemoved");
                out.string("block_hashes");
                hashes(out, removed.hashes());
                out.string("medium");
                out.string(Media.medium(removed.tier()));
                group(out, removed.group());
            }
            case KvEvent.AllCleared() -> {
                out.map(1);
                out.string("type");
                out.string("AllBlocksCleared");
            }
        }
    }

    private void storedMap(MsgpackWriter out, KvEvent.BlocksStored stored) {
        boolean salted = !stored.salt().isEmpty();
        out.map(8 + (salted ? 1 : 0) + (stored.group() == 0 ? 0 : 1));
        out.string("type");
        out.string("BlockStored");
        out.string("block_hashes");
        hashes(out, stored.hashes());
        out.string("parent_block_hash");
        parent(out, stored.parent());
        out.string("token_ids");
        tokens(out, stored.tokenIds());
        out.string("block_size");
        out.integer(stored.blockTokens());
        out.string("lora_id");
        out.nil();
        out.string("medium");
        out.string(Media.medium(stored.tier()));
        out.string("lora_name");
        name(out, stored.adapter());
        if (salted) {
            out.string("extra_keys");
            salt(out, stored);
        }
        group(out, stored.group());
    }

    private static void group(MsgpackWriter out, int group) {
        if (group != 0) {
            out.string("group_idx");
            out.integer(group);
        }
    }

    private void array(MsgpackWriter out, KvEvent event) {
        switch (event) {
            case KvEvent.BlocksStored stored -> {
                out.array(12);
                out.string("BlockStored");
                hashes(out, stored.hashes());
                parent(out, stored.parent());
                tokens(out, stored.tokenIds());
                out.integer(stored.blockTokens());
                out.nil();
                out.string(Media.medium(stored.tier()));
                name(out, stored.adapter());
                if (stored.salt().isEmpty()) {
                    out.nil();
                } else {
                    salt(out, stored);
                }
                groupOrNil(out, stored.group());
                out.nil();
                out.nil();
            }
            case KvEvent.BlocksRemoved removed -> {
                out.array(4);
                out.string("BlockRemoved");
                hashes(out, removed.hashes());
                out.string(Media.medium(removed.tier()));
                groupOrNil(out, removed.group());
            }
            case KvEvent.AllCleared() -> {
                out.array(1);
                out.string("AllBlocksCleared");
            }
        }
    }

    private static void groupOrNil(MsgpackWriter out, int group) {
        if (group == 0) {
            out.nil();
        } else {
            out.integer(group);
        }
    }

    private void hashes(MsgpackWriter out, List<BlockHash> hashes) {
        out.array(hashes.size());
        hashes.forEach(hash -> hash(out, hash));
    }

    private void hash(MsgpackWriter out, BlockHash hash) {
        if (wholeHashes) {
            out.binary(hash.bytes());
        } else {
            out.unsigned(hash.d());
        }
    }

    private void parent(MsgpackWriter out, BlockHash parent) {
        if (parent == null) {
            out.nil();
        } else {
            hash(out, parent);
        }
    }

    private static void tokens(MsgpackWriter out, List<Integer> tokens) {
        out.array(tokens.size());
        tokens.forEach(out::integer);
    }

    private static void name(MsgpackWriter out, String adapter) {
        if (adapter.isEmpty()) {
            out.nil();
        } else {
            out.string(adapter);
        }
    }

    /** One entry per block; the first block alone has the salt. */
    private static void salt(MsgpackWriter out, KvEvent.BlocksStored stored) {
        out.array(stored.hashes().size());
        for (int i = 0; i < stored.hashes().size(); i++) {
            if (i == 0) {
                out.array(1);
                out.string(stored.salt());
            } else {
                out.nil();
            }
        }
    }
}
