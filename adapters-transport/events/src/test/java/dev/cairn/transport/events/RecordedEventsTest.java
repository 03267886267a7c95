package dev.cairn.transport.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.BlockHasher.SaltForm;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.TokenRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The events of a vLLM 0.32 mean what that vLLM did. */
class RecordedEventsTest {

    private static final String INTEGERS = "vllm-0.32-sha256_cbor-seed0-int.txt.gz";
    private static final String BYTES = "vllm-0.32-sha256_cbor-noseed-bytes.txt.gz";
    private static final String PICKLED = "vllm-0.32-sha256-seed0-int.txt.gz";

    @ParameterizedTest
    @ValueSource(strings = {INTEGERS, BYTES, PICKLED})
    void whatWasStoredAndRemovedAddsUp(String file) {
        Map<BlockHash, Integer> held = new HashMap<>();
        int most = 0;
        int twice = 0;
        for (KvEvent event : eventsOf(file)) {
            switch (event) {
                case BlocksStored stored ->
                        stored.hashes().forEach(hash -> held.merge(hash, 1, Integer::sum));
                case KvEvent.BlocksRemoved removed -> {
                    for (BlockHash hash : removed.hashes()) {
                        assertThat(held).containsKey(hash);
                        held.compute(hash, (_, count) -> count == 1 ? null : count - 1);
                    }
                }
                case KvEvent.AllCleared() -> held.clear();
            }
            most = Math.max(most, held.values().stream().mapToInt(Integer::intValue).sum());
            twice += held.containsValue(2) ? 1 : 0;
        }
        assertThat(held).as("after the reset one block was stored").hasSize(1);
        assertThat(most).as("the engine has 40 blocks, one of which it keeps").isEqualTo(39);
        assertThat(twice).as("one content was in two blocks").isPositive();
    }

    @ParameterizedTest
    @CsvSource({INTEGERS + ",0", BYTES + ","})
    void hashesAreThoseThatARouterComputes(String file, String seed) {
        BlockHasher hasher = new BlockHasher(Optional.ofNullable(seed), SaltForm.TAGGED);
        Map<Long, BlockHash> whole = new HashMap<>();
        int compared = 0;
        for (KvEvent event : eventsOf(file)) {
            if (!(event instanceof BlocksStored stored)) {
                continue;
            }
            int[] tokens = TokenRun.copyOf(stored.tokenIds()).toInts();
            BlockHash parent = stored.parent() == null ? null : whole.get(stored.parent().d());
            for (int i = 0; i < stored.hashes().size(); i++) {
                int size = stored.blockTokens();
                BlockHash hash =
                        parent == null
                                ? hasher.first(tokens, i * size, size, stored.salt())
                                : hasher.next(parent, tokens, i * size, size);
                assertThat(stored.hashes().get(i).d()).isEqualTo(hash.d());
                if (stored.hashes().get(i).a() != 0) {
                    assertThat(stored.hashes().get(i)).isEqualTo(hash);
                }
                whole.put(hash.d(), hash);
                parent = hash;
                compared++;
            }
        }
        assertThat(compared).isEqualTo(70);
    }

    @Test
    void theSaltStandsInTheFirstBlocksExtraKeys() {
        List<String> salts =
                eventsOf(INTEGERS).stream()
                        .filter(BlocksStored.class::isInstance)
                        .map(event -> ((BlocksStored) event).salt())
                        .filter(salt -> !salt.isEmpty())
                        .toList();
        assertThat(salts).containsExactly("salt-A");
    }

    private static List<KvEvent> eventsOf(String file) {
        BatchReader reader = new BatchReader(1 << 20);
        List<KvEvent> events = new ArrayList<>();
        RecordedBatches.read(file)
                .forEach(
                        batch ->
                                events.addAll(
                                        reader.read(batch.sequence(), batch.payload()).events()));
        return events;
    }
}
