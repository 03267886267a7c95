package dev.cairn.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ReferenceUtf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class Utf8StreamTest {

    /** Leads and continuations at every border of the table of well-formed sequences. */
    private static final int[] TELLING = {
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
    };

    @Test
    void anyFourBytesReadAsTheReferenceDecoderReadsThem() {
        byte[] bytes = new byte[4];
        int combinations = TELLING.length * TELLING.length * TELLING.length * TELLING.length;
        for (int i = 0; i < combinations; i++) {
            for (int at = 0, rest = i; at < 4; at++, rest /= TELLING.length) {
                bytes[at] = (byte) TELLING[rest % TELLING.length];
            }
            assertThat(decodeInPieces(bytes, 1)).isEqualTo(ReferenceUtf8.decode(bytes));
        }
    }

    @RepeatedTest(20)
    void textReadsTheSameHoweverItIsCut(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        byte[] bytes = new byte[200];
        random.nextBytes(bytes);
        byte[] text = "naïve 漢字 🪨🏔️ Ω".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, bytes, random.nextInt(100), text.length);
        for (int piece = 1; piece < bytes.length; piece++) {
            assertThat(decodeInPieces(bytes, piece))
                    .as("seed %d, pieces of %d", seed, piece)
                    .isEqualTo(ReferenceUtf8.decode(bytes));
        }
    }

    @Test
    void aCharacterIsShownWhenItsLastByteCame() {
        byte[] stone = "🪨".getBytes(StandardCharsets.UTF_8);
        Utf8Stream stream = new Utf8Stream();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            stream.append(new byte[] {stone[i]}, false, out);
            assertThat(out).isEmpty();
        }
        stream.append(new byte[] {stone[3]}, false, out);
        assertThat(out).hasToString("🪨");
    }

    @Test
    void bytesOfByteFallbackTokensAreReplacedOneByOne() {
        StringBuilder out = new StringBuilder();
        Utf8Stream stream = new Utf8Stream();
        stream.append(new byte[] {(byte) 0xF0}, true, out);
        stream.append(new byte[] {(byte) 0x9F}, true, out);
        stream.append(new byte[] {'a'}, false, out);
        assertThat(out).hasToString("\uFFFD\uFFFDa");
    }

    private static String decodeInPieces(byte[] bytes, int piece) {
        StringBuilder out = new StringBuilder();
        Utf8Stream stream = new Utf8Stream();
        for (int from = 0; from < bytes.length; from += piece) {
            int to = Math.min(bytes.length, from + piece);
            stream.append(Arrays.copyOfRange(bytes, from, to), false, out);
        }
        stream.finish(out);
        return out.toString();
    }
}
