package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufFileTest {

    private static GgufArchitecture.Model open(byte[] bytes) {
        return GgufArchitecture.read(GgufFile.read(SafetensorsBytes.mapped("m.gguf", bytes)));
    }

    private static void assertRefused(byte[] bytes, String words) {
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("m.gguf: ")
                .hasMessageContaining(words);
    }

    @Test
    void matricesKeepTheirEncoding() {
        GgufArchitecture.Model model = open(GgufBytes.tiny("llama").bytes());
        assertThat(model.architecture().tiedEmbeddings()).isTrue();
        assertThat(model.weights().matrix(WeightRole.KEY, 0).type()).isEqualTo(WeightType.Q4_0);
        assertThat(model.weights().matrix(WeightRole.VALUE, 0).type())
                .isEqualTo(WeightType.FLOAT16);
        assertThat(model.weights().matrix(WeightRole.DOWN, 0).row(31).byteSize()).isEqualTo(68);
        assertThat(model.weights().dominantType()).isEqualTo(WeightType.Q8_0);
    }

    @Test
    void rotatedPairsOfLlamaComeHalfAHeadApart() {
        StoredMatrix query =
                open(GgufBytes.tiny("llama").bytes()).weights().matrix(WeightRole.QUERY, 0);
        // Row 1 of the second head, first half, is stored as the first of the head's second pair.
        assertThat(storedRow(query, 16 + 1)).isEqualTo(16 + 2);
        assertThat(storedRow(query, 16 + 8 + 1)).isEqualTo(16 + 3);
        assertThat(storedRow(query, 0)).isZero();
        assertThat(storedRow(query, 15)).isEqualTo(15);
    }

    @Test
    void otherArchitecturesAreStoredAsTheyAreRead() {
        GgufBytes file =
                GgufBytes.tiny("qwen3")
                        .tensor("blk.0.attn_q_norm.weight", 0, 64, 16)
                        .tensor("blk.0.attn_k_norm.weight", 0, 64, 16);
        StoredMatrix query = open(file.bytes()).weights().matrix(WeightRole.QUERY, 0);
        for (int row = 0; row < query.rows(); row++) {
            assertThat(storedRow(query, row)).isEqualTo(row);
        }
    }

    /** The data counts up byte by byte from 0, so its first byte tells a row's place. */
    private static int storedRow(StoredMatrix matrix, int row) {
        int rowBytes = (int) matrix.type().rowBytes(matrix.columns());
        int first = matrix.row(row).get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
        for (int stored = 0; stored < matrix.rows(); stored++) {
            if ((stored * rowBytes & 0xFF) == first) {
                return stored;
            }
        }
        throw new AssertionError("no row starts with " + first);
    }

    @Test
    void whatIsNotServedIsRefusedByName() {
        assertRefused(
                GgufBytes.tiny("gptneox").bytes(),
                "architecture \"gptneox\" is not served; served are llama");
        assertRefused(
                GgufBytes.tiny("llama").string("llama.rope.scaling.type", "yarn").bytes(),
                "llama.rope.scaling.factor must be a number above 0 but is missing");
        assertRefused(
                GgufBytes.tiny("llama").string("llama.rope.scaling.type", "dynamic").bytes(),
                "rope type \"dynamic\" is not served; served are default, linear, llama3, yarn and longrope");
        assertRefused(
                GgufBytes.tiny("llama").tensor("extra", 10, 84, 256, 1).bytes(),
                "tensor extra is stored as Q2_K, which is not served");
        assertRefused(
                GgufBytes.tiny("llama").uint32("split.count", 2).bytes(),
                "one part of a split model");
        assertRefused(GgufBytes.tiny("llama").bytes(1, 1, 1), "version 1");
        assertRefused(GgufBytes.tiny("llama").bytes(0x03000000, 1, 1), "big-endian");
    }

    @Test
    void missingAndWrongTensorsAreNamed() {
        assertRefused(
                GgufBytes.tiny("qwen3").bytes(),
                "tensor blk.0.attn_q_norm.weight is missing, its metadata asks for it with shape [16]");
        assertRefused(
                GgufBytes.tiny("llama").uint32("llama.vocab_size", 11).bytes(),
                "tensor token_embd.weight is [10, 32] in Q8_0, its metadata asks for [11, 32]");
    }

    @Test
    void countsThatTheFileCannotHoldAreRefused() {
        assertRefused(
                GgufBytes.tiny("llama").bytes(3, 1L << 60, 3),
                "the number of tensors is 1152921504606846976");
        assertRefused(
                GgufBytes.tiny("llama").bytes(3, 3, -1),
                "the number of metadata values is 18446744073709551615");
        assertRefused(
                list(GgufBytes.STRING, 1L << 60), "the length of list is 1152921504606846976");
        assertRefused(list(0, 1L << 40), "the length of list is 1099511627776");
        assertRefused(list(77, 1), "unknown type 77");
    }

    private static byte[] list(int elementType, long count) {
        byte[] start =
                ByteBuffer.allocate(12)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(elementType)
                        .putLong(count)
                        .array();
        return new GgufBytes().raw("list", GgufBytes.ARRAY, start).bytes();
    }

    @Test
    void listsInListsAreBounded() {
        byte[] nested = new byte[12 * 500];
        ByteBuffer buffer = ByteBuffer.wrap(nested).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 500; i++) {
            buffer.putInt(GgufBytes.ARRAY).putLong(1);
        }
        assertRefused(
                new GgufBytes().raw("list", GgufBytes.ARRAY, nested).bytes(),
                "nests lists deeper than 4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    16|128|no multiple of 32
                    1152921504606846976|128|needs 128 bytes at offset 1152921504606846976
                    -32|128|no multiple of 32
                    0|128|overlaps
                    """)
    void tensorsLieInTheFileAndApart(long offset, int bytes, String words) {
        assertRefused(
                GgufBytes.tiny("llama").tensorAt("extra", 0, offset, bytes, 32).bytes(), words);
    }

    @Test
    void shapesAreBounded() {
        assertRefused(
                GgufBytes.tiny("llama").tensor("extra", 0, 4, 1L << 40, 1L << 40).bytes(),
                "impossible shape");
        assertRefused(GgufBytes.tiny("llama").tensor("extra", 0, 4, -1).bytes(), "impossible size");
        assertRefused(
                GgufBytes.tiny("llama").tensor("extra", 8, 34, 33, 1).bytes(),
                "packs blocks of 32");
        assertRefused(
                GgufBytes.tiny("llama").tensor("extra", 0, 4, 1, 1, 1, 1, 1).bytes(),
                "5 dimensions");
        assertRefused(
                GgufBytes.tiny("llama").tensor("token_embd.weight", 0, 128, 32).bytes(),
                "appears twice");
        assertRefused(
                GgufBytes.tiny("llama").uint32("general.alignment", 24).bytes(),
                "general.alignment must be a power of two");
        assertRefused(
                GgufBytes.tiny("llama").uint32("llama.block_count", 7).bytes(), "appears twice");
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] file = GgufBytes.tiny("llama").bytes();
        // Steps, because the data is long; the metadata and directory are cut everywhere.
        for (int length = 0; length < file.length; length += length < 1500 ? 1 : 37) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> open(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(ModelException.class);
        }
    }

    @Test
    void changedBytesNeverDoMoreThanThrowAModelException() {
        long seed = System.nanoTime();
        System.out.println("GgufFileTest seed " + seed);
        Random random = new Random(seed);
        byte[] file =
                GgufBytes.tiny("llama")
                        .strings(
                                "tokenizer.ggml.tokens",
                                List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))
                        .bytes();
        int refused = 0;
        for (int round = 0; round < 4000; round++) {
            byte[] changed = file.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                changed[random.nextInt(1600)] =
                        (byte)
                                (random.nextBoolean()
                                        ? random.nextInt(256)
                                        : 1 << random.nextInt(8));
            }
            try {
                open(changed);
            } catch (ModelException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(2000);
    }
}
