package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks leave a pool in the canonical layout and come back bit for bit. */
class KvBlocksTest {

    private final Samples samples = new Samples(21);

    @ParameterizedTest
    @EnumSource(KvElement.class)
    void aBlockMovesBetweenPoolsOfOtherSizesUnchanged(KvElement element) {
        KvLayout from = new KvLayout(element, 3, 5, 32, 2, 20);
        KvLayout to = new KvLayout(element, 3, 9, 32, 2, 20);
        MemorySegment source = filled(from, 2, 4);
        MemorySegment target = samples.zeros(to.poolBytes());
        MemorySegment canonical = samples.zeros(KvBlocks.canonicalLayerBytes(from));
        MemorySegment again = samples.zeros(KvBlocks.canonicalLayerBytes(from));
        KvBlocks.exportLayer(from, source, 2, 4, canonical);
        KvBlocks.importLayer(to, target, 1, 7, canonical);
        KvBlocks.exportLayer(to, target, 1, 7, again);
        assertThat(again.mismatch(canonical)).isEqualTo(-1);
        long bytes = from.blockLayerBytes();
        MemorySegment sent = source.asSlice(from.headOffset(2, 4, 0), bytes);
        assertThat(target.asSlice(to.headOffset(1, 7, 0), bytes).mismatch(sent)).isEqualTo(-1);
    }

    /** Head sizes that fill words and such that do not; a gap behind the block stays as it was. */
    @ParameterizedTest
    @EnumSource(KvElement.class)
    void nativeCodeMovesTheSameBytesAsJava(KvElement element) {
        assumeThat(NativeBlocks.get()).as("the native library").isPresent();
        for (int size : new int[] {1, 6, 16, 20, 64, 80}) {
            KvLayout layout = new KvLayout(element, 2, 3, 32, 3, size);
            MemorySegment source = filled(layout, 1, 2);
            MemorySegment canonical = samples.zeros(KvBlocks.canonicalLayerBytes(layout));
            MemorySegment inJava = samples.zeros(canonical.byteSize());
            KvBlocks.exportLayer(layout, source, 1, 2, canonical);
            KvBlocks.moveInJava(true, layout, source, 1, 2, inJava);
            assertThat(canonical.mismatch(inJava)).as("out, heads of %d", size).isEqualTo(-1);
            MemorySegment target = samples.zeros(layout.poolBytes());
            MemorySegment targetInJava = samples.zeros(layout.poolBytes());
            KvBlocks.importLayer(layout, target, 0, 1, canonical);
            KvBlocks.moveInJava(false, layout, targetInJava, 0, 1, canonical);
            assertThat(target.mismatch(targetInJava)).as("in, heads of %d", size).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(KvElement.class)
    void canonicalBytesAreKeysThenValuesTokenByTokenThenScales(KvElement element) {
        KvLayout layout = new KvLayout(element, 1, 1, 16, 2, 4);
        MemorySegment pool = samples.zeros(layout.poolBytes());
        int[] slots = new int[16];
        float[] keys = new float[16 * 8];
        float[] values = new float[16 * 8];
        for (int token = 0; token < 16; token++) {
            slots[token] = token;
            for (int i = 0; i < 8; i++) {
                // Every head's largest is 127, so that bytes have scale 1; small integers are exact
                // in bfloat16.
                keys[token * 8 + i] = i % 4 == 3 ? 127 : token + i;
                values[token * 8 + i] = i % 4 == 3 ? 127 : -token - i;
            }
        }
        new PlainKernels()
                .storeKv(
                        layout,
                        pool,
                        0,
                        samples.of(slots),
                        samples.of(keys),
                        samples.of(values),
                        8,
                        0,
                        16);
        MemorySegment canonical = samples.zeros(KvBlocks.canonicalLayerBytes(layout));
        KvBlocks.exportLayer(layout, pool, 0, 0, canonical);
        long half = (long) keys.length * element.bytes();
        for (int i = 0; i < keys.length; i++) {
            assertThat(element(element, canonical, i, 0)).isEqualTo(keys[i]);
            assertThat(element(element, canonical, i, half)).isEqualTo(values[i]);
        }
        if (element.scaled()) {
            for (long i = 0; i < 64; i++) {
                assertThat(canonical.get(PlainMemory.FLOAT, 2 * half + i * 4)).isEqualTo(1);
            }
        }
    }

    private static float element(KvElement element, MemorySegment data, int index, long base) {
        return switch (element) {
            case F32 -> data.get(PlainMemory.FLOAT, base + index * 4L);
            case BF16 -> PlainMemory.bf16(data.get(PlainMemory.SHORT, base + index * 2L));
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, base + index);
        };
    }

    private MemorySegment filled(KvLayout layout, int layer, int block) {
        MemorySegment pool = samples.zeros(layout.poolBytes());
        int width = layout.kvHeads() * layout.headSize();
        int[] slots = new int[layout.blockTokens()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = block * layout.blockTokens() + i;
        }
        MemorySegment keys = samples.of(samples.normal(slots.length * width));
        MemorySegment values = samples.of(samples.normal(slots.length * width));
        MemorySegment places = samples.of(slots);
        new PlainKernels()
                .storeKv(layout, pool, layer, places, keys, values, width, 0, slots.length);
        return pool;
    }
}
