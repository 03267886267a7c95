package dev.cairn.relaying;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvEventChannel.PublishedAt;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.tck.Patience;
import dev.cairn.transport.events.Dialect;
import dev.cairn.transport.events.EventOptions;
import dev.cairn.transport.events.ZmqKvEvents;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An engine without a model that keeps the blocks of what it is asked, and tells of them as vLLM
 * does: with hashes of a root that nobody else knows. Threads: its own.
 */
final class TellingEngine implements AutoCloseable {

    static final int BLOCK = 8;

    private final SmallEngine http;
    private final TextCodec codec;
    private final ZmqKvEvents channel;
    private final BlockHasher hasher;
    private final Set<Long> held = new HashSet<>();
    private Publication publication;
    private long sequence;
    private int cachedTokens;

    TellingEngine(String name, TextCodec codec, Dialect dialect) {
        this.codec = codec;
        this.hasher =
                new BlockHasher(
                        Optional.of("only " + name + " knows"), BlockHasher.SaltForm.TAGGED);
        this.channel =
                new ZmqKvEvents(
                        dialect,
                        new EventOptions(
                                "tcp://127.0.0.1:*",
                                "tcp://127.0.0.1:*",
                                Optional.empty(),
                                "kv@{worker}@{model}",
                                false,
                                new EventOptions.Limits(1_000, 1_000, 1 << 20, 1 << 20)));
        this.publication = channel.publish(new PublishedAt("", name, "m"), new NoHoldings());
        this.http = new SmallEngine(name);
        http.answers(
                (body, out) -> {
                    keep(body);
                    SmallEngine.json(200, "{\"by\":\"" + name + "\"}").answer(body, out);
                });
    }

    /** As the relay's list has it. */
    String spelling() {
        String[] parts = publication.address().split(";");
        return http.url()
                + ";kind=vllm;events="
                + parts[0].replace("tcp://", "")
                + ";replay="
                + parts[1].replace("replay=tcp://", "");
    }

    SmallEngine http() {
        return http;
    }

    /** Tokens of the last prompt that it had. */
    synchronized int cachedTokens() {
        return cachedTokens;
    }

    /** It is asked, and keeps what it read. */
    synchronized void keep(String body) {
        JsonObject request = (JsonObject) JsonReader.read(body);
        List<JsonObject> messages =
                ((JsonArray) request.member("messages"))
                        .values().stream().map(message -> (JsonObject) message).toList();
        String salt = request.member("cache_salt") instanceof JsonString(var given) ? given : "";
        int[] ids =
                codec.encode(
                        codec.render(
                                new Conversation(
                                        messages,
                                        List.of(),
                                        true,
                                        false,
                                        JsonObject.empty(),
                                        Optional.empty())),
                        false);
        BlockHash before = null;
        BlockHash parent = null;
        List<BlockHash> stored = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        cachedTokens = 0;
        for (int at = 0; at + BLOCK <= ids.length; at += BLOCK) {
            BlockHash hash =
                    before == null
                            ? hasher.first(ids, at, BLOCK, salt)
                            : hasher.next(before, ids, at, BLOCK);
            if (held.add(hash.d())) {
                parent = stored.isEmpty() ? before : parent;
                stored.add(hash);
                for (int i = at; i < at + BLOCK; i++) {
                    tokens.add(ids[i]);
                }
            } else {
                cachedTokens += BLOCK;
            }
            before = hash;
        }
        if (!stored.isEmpty()) {
            tell(
                    new KvEvent.BlocksStored(
                            stored,
                            parent,
                            tokens,
                            BLOCK,
                            0,
                            "device",
                            "",
                            parent == null ? salt : ""));
        }
    }

    private void tell(KvEvent event) {
        publication.publish(
                new KvEventBatch(sequence, System.currentTimeMillis() * 1000, List.of(event)));
        sequence++;
    }

    /** Its cache is reset, as by {@code POST /reset_prefix_cache}. */
    synchronized void reset() {
        held.clear();
        tell(new KvEvent.AllCleared());
    }

    /** Its process starts anew, with nothing, and counts batches from 0. */
    synchronized void restart() {
        String at = publication.address();
        publication.close();
        http.kill();
        held.clear();
        sequence = 0;
        Patience.until("its ports are free", () -> publishes(at));
        http.start();
    }

    private boolean publishes(String at) {
        try {
            publication = channel.publish(new PublishedAt(at, "w", "m"), new NoHoldings());
            return true;
        } catch (IllegalArgumentException taken) {
            return false;
        }
    }

    @Override
    public void close() {
        http.close();
        channel.close();
    }

    private static final class NoHoldings implements KvHoldings {

        @Override
        public void digests(Completion<Digests> done) {}

        @Override
        public void keys(String tier, int range, Completion<Keys> done) {}
    }
}
