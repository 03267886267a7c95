package dev.cairn.transport.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever comes is a batch or refused as none; nothing else happens. */
class FuzzedBatchesTest {

    private static final int ROUNDS = Integer.getInteger("cairn.test.fuzz", 40_000);

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void changedBatchesAreReadOrRefused() {
        List<byte[]> recorded =
                RecordedBatches.read("vllm-0.32-sha256_cbor-seed0-int.txt.gz").stream()
                        .map(RecordedBatches.Recorded::payload)
                        .toList();
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] changed = changed(recorded.get(random.nextInt(recorded.size())));
            try {
                new BatchReader(1 << 20).read(round, changed);
                read++;
            } catch (MalformedMessage e) {
                assertThat(e).as("seed " + seed).hasMessageMatching("(?s).+");
            }
        }
        assertThat(read).as("seed " + seed).isBetween(1, ROUNDS - 1);
    }

    @Test
    void randomBytesAreReadOrRefused() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 12) {
                // Begin as a batch does, so that more than the first byte is looked at.
                bytes[0] = (byte) 0x93;
                bytes[1] = (byte) 0xcb;
                bytes[2] = 0x3f;
                bytes[10] = (byte) (0x90 | random.nextInt(16));
            }
            try {
                new BatchReader(1 << 20).read(round, bytes);
            } catch (MalformedMessage e) {
                assertThat(e).as("seed " + seed).hasMessageMatching("(?s).+");
            }
        }
    }

    @Test
    void changedQuestionsAndAnswersAreReadOrRefused() {
        byte[] answer =
                HoldingsText.answer(
                        new KvHoldings.Digests(
                                3, List.of(new HeldDigest("device", 3, List.of(1L, -2L, 3L)))));
        byte[] keys =
                HoldingsText.answer(new KvHoldings.Keys(3, "device", 2, new long[] {1, -1, 5}));
        for (int round = 0; round < ROUNDS; round++) {
            try {
                HoldingsText.question(changed(HoldingsText.askKeys("device", 3)));
                HoldingsText.tell(changed(round % 2 == 0 ? answer : keys), new Deaf());
            } catch (MalformedMessage e) {
                assertThat(e).as("seed " + seed).hasMessageMatching("(?s).+");
            }
        }
    }

    /** Flips bits, cuts, repeats and drops pieces. */
    private byte[] changed(byte[] original) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) (0xc0 | random.nextInt(32));
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                default -> {
                    int length = Math.min(random.nextInt(16), bytes.length - at);
                    System.arraycopy(bytes, 0, bytes, at, length);
                }
            }
        }
        return bytes;
    }

    private static final class Deaf implements KvEventChannel.Listener {

        @Override
        public void connected() {}

        @Override
        public void batch(KvEventBatch batch) {}

        @Override
        public void replayed(KvEventBatch batch) {}

        @Override
        public void replayEnded() {}

        @Override
        public void digests(KvHoldings.Digests digests) {}

        @Override
        public void keys(KvHoldings.Keys keys) {}

        @Override
        public void lost(String reason) {}
    }
}
