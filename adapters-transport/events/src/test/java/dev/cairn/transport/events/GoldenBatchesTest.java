package dev.cairn.transport.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent.AllCleared;
import dev.cairn.ports.cache.KvEvent.BlocksRemoved;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.KvEventBatch;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Batches byte for byte, as msgspec writes vLLM's structures, and those of other engines. */
class GoldenBatchesTest {

    /** vLLM up to 0.23. */
    private static final String ARRAYS =
            "93cb3ff8000000000000929cab426c6f636b53746f726564920102c0940102030402c0a3475055c0c0c0c0"
                    + "c091b0416c6c426c6f636b73436c656172656400";

    /** vLLM since 0.24. */
    private static final String MAPS =
            "93cb3ff80000000000009288a474797065ab426c6f636b53746f726564ac626c6f636b5f68617368657392"
                    + "0102b1706172656e745f626c6f636b5f68617368c0a9746f6b656e5f6964739401020304aa626c"
                    + "6f636b5f73697a6502a76c6f72615f6964c0a66d656469756da3475055a96c6f72615f6e616d65"
                    + "c081a474797065b0416c6c426c6f636b73436c656172656400";

    private static final String REMOVED =
            "93cb3ff80000000000009183a474797065ac426c6f636b52656d6f766564ac626c6f636b5f686173686573"
                    + "9101a66d656469756da3475055c0";

    private static final KvEventBatch BATCH =
            new KvEventBatch(
                    7,
                    1_500_000,
                    List.of(
                            new BlocksStored(
                                    List.of(hash(1), hash(2)),
                                    null,
                                    List.of(1, 2, 3, 4),
                                    2,
                                    0,
                                    "device",
                                    ""),
                            new AllCleared()));

    private final BatchReader reader = new BatchReader(1 << 20);

    @Test
    void bothFormsOfVllmAreRead() {
        assertThat(read(ARRAYS)).isEqualTo(BATCH);
        assertThat(read(MAPS)).isEqualTo(BATCH);
        assertThat(read(REMOVED).events())
                .containsExactly(new BlocksRemoved(List.of(hash(1)), 0, "device"));
    }

    @Test
    void bothFormsOfVllmAreWritten() {
        assertThat(written(Dialect.Form.ARRAYS, BATCH)).isEqualTo(ARRAYS);
        assertThat(written(Dialect.Form.MAPS, BATCH)).isEqualTo(MAPS);
    }

    @Test
    void whatIsWrittenIsRead() {
        KvEventBatch batch =
                new KvEventBatch(
                        9,
                        1_795_253_965_943_048L,
                        List.of(
                                new BlocksStored(
                                        List.of(hash(-5), hash(1L << 40)),
                                        null,
                                        List.of(70_000, 2, 300, 4),
                                        2,
                                        0,
                                        "host",
                                        "adapter",
                                        "tenant"),
                                new BlocksStored(
                                        List.of(hash(3)), hash(2), List.of(), 0, 0, "disk", ""),
                                new BlocksRemoved(List.of(hash(3)), 0, "disk")));
        for (Dialect.Form form : Dialect.Form.values()) {
            byte[] payload = new BatchWriter(form, false).write(batch);
            assertThat(reader.read(9, payload)).isEqualTo(batch);
            byte[] whole = new BatchWriter(form, true).write(batch);
            assertThat(reader.read(9, whole)).isEqualTo(batch);
        }
    }

    @Test
    void olderFieldsMayMissAndNewerOnesAreReadOver() {
        // [1.5, [["BlockStored", [1], nil, [9], 1], ["Surprise", 3]]] and one field more outside.
        KvEventBatch batch =
                read(
                        "93cb3ff80000000000009295ab426c6f636b53746f7265649101c0910901"
                                + "92a8537572707269736503c3");
        assertThat(batch.events())
                .containsExactly(
                        new BlocksStored(List.of(hash(1)), null, List.of(9), 1, 0, "device", ""));
    }

    @Test
    void sglangPutsTheSaltWhereVllmHasTheAdaptersName() {
        MsgpackWriter out = begin(1);
        out.array(8);
        out.string("BlockStored");
        out.array(1);
        out.integer(-3);
        out.integer(-4);
        out.array(1);
        out.integer(5);
        out.integer(1);
        out.nil();
        out.string("CPU_PINNED");
        out.map(1);
        out.string("cache_salt");
        out.string("tenant");
        out.nil();
        assertThat(reader.read(0, out.toBytes()).events())
                .containsExactly(
                        new BlocksStored(
                                List.of(hash(-3)), hash(-4), List.of(5), 1, 0, "host", "", ""));
    }

    @Test
    void mooncakesNamesAreKnown() {
        MsgpackWriter out = begin(2);
        out.map(8);
        text(out, "event_type", "stored");
        out.string("seq_hashes");
        out.array(1);
        out.unsigned(-1);
        out.string("parent_hash");
        out.nil();
        out.string("token_ids");
        out.array(1);
        out.integer(8);
        out.string("block_size");
        out.integer(1);
        text(out, "additional_salt", "tenant");
        text(out, "medium", "DISK");
        text(out, "backend_id", "10.0.0.1");
        out.map(2);
        text(out, "event_type", "cleared");
        text(out, "model_name", "m");
        out.nil();
        assertThat(reader.read(0, out.toBytes()).events())
                .containsExactly(
                        new BlocksStored(
                                List.of(hash(-1)), null, List.of(8), 1, 0, "disk", "", "tenant"),
                        new AllCleared());
    }

    @Test
    void tokensOfPicturesDoNotSayWhatBlocksHold() {
        MsgpackWriter out = begin(1);
        out.map(5);
        text(out, "type", "BlockStored");
        out.string("block_hashes");
        out.array(1);
        out.integer(1);
        out.string("token_ids");
        out.array(1);
        out.integer(8);
        out.string("block_size");
        out.integer(1);
        out.string("extra_keys");
        out.array(1);
        out.array(1);
        out.array(3);
        out.string("mm");
        out.string("picture");
        out.integer(4);
        out.nil();
        assertThat(((BlocksStored) reader.read(0, out.toBytes()).events().getFirst()).tokenIds())
                .isEmpty();
    }

    @Test
    void theGroupThatKeepsAllIsNumberZero() {
        MsgpackWriter out = begin(4);
        group(out, "BlockStored", 0, "sliding_window");
        group(out, "BlockStored", 1, "full_attention");
        group(out, "BlockRemoved", 0, "");
        group(out, "BlockRemoved", 1, "");
        out.nil();
        List<Integer> groups =
                reader.read(0, out.toBytes()).events().stream()
                        .map(
                                event ->
                                        switch (event) {
                                            case BlocksStored stored -> stored.group();
                                            case BlocksRemoved removed -> removed.group();
                                            case AllCleared() -> -1;
                                        })
                        .toList();
        assertThat(groups).containsExactly(1, 0, 1, 0);
    }

    @Test
    void whatIsNoBatchIsRefused() {
        for (String wrong :
                List.of(
                        "",
                        "c0",
                        "91cb3ff8000000000000",
                        "92cb3ff8000000000000c0",
                        "92cb3ff80000000000009001",
                        "92cbfff800000000000090",
                        "92cb3ff80000000000009190",
                        "92cb3ff80000000000009191ab426c6f636b53746f726564",
                        "92cb3ff8000000000000ddffffffff",
                        "92cb3ff800000000000091c1")) {
            assertThatThrownBy(() -> read(wrong)).as(wrong).isInstanceOf(MalformedMessage.class);
        }
        assertThatThrownBy(() -> new BatchReader(20).read(0, HexFormat.of().parseHex(MAPS)))
                .isInstanceOf(MalformedMessage.class);
    }

    @Test
    void moreHashesThanABatchCanHaveAreRefusedBeforeTheyTakeMemory() {
        MsgpackWriter out = begin(2);
        for (int event = 0; event < 2; event++) {
            out.map(2);
            text(out, "type", "BlockRemoved");
            out.string("block_hashes");
            out.array(200_000);
            for (int i = 0; i < 200_000; i++) {
                out.integer(1);
            }
        }
        out.nil();
        assertThatThrownBy(() -> reader.read(0, out.toBytes()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("hashes");
    }

    private static MsgpackWriter begin(int events) {
        MsgpackWriter out = new MsgpackWriter();
        out.array(3);
        out.decimal(1.5);
        out.array(events);
        return out;
    }

    private static void text(MsgpackWriter out, String key, String value) {
        out.string(key);
        out.string(value);
    }

    private static void group(MsgpackWriter out, String type, int group, String kind) {
        out.map(kind.isEmpty() ? 3 : 4);
        text(out, "type", type);
        out.string("block_hashes");
        out.array(1);
        out.integer(1);
        out.string("group_idx");
        out.integer(group);
        if (!kind.isEmpty()) {
            text(out, "kv_cache_spec_kind", kind);
        }
    }

    private KvEventBatch read(String hex) {
        return reader.read(7, HexFormat.of().parseHex(hex));
    }

    private static String written(Dialect.Form form, KvEventBatch batch) {
        return HexFormat.of().formatHex(new BatchWriter(form, false).write(batch));
    }

    private static BlockHash hash(long last) {
        return new BlockHash(0, 0, 0, last);
    }
}
