package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.remote.JsonScan.Kind;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scan finds what the reader finds. */
class JsonScanTest {

    private final JsonScan scan = new JsonScan(64);

    @Test
    void membersOfTheOutermostObjectAreFound() {
        read(
                " { \"a\" : [1, {\"b\": 2}], \"c\":\"d\\\"e\", \"f\": -1.5e3 ,\"g\":true,\"h\":[],\"i\":{\"a\":[3]}} ");
        assertThat(scan.members()).isEqualTo(6);
        assertThat(scan.name(0)).isEqualTo("a");
        assertThat(scan.kind(0)).isEqualTo(Kind.ARRAY);
        assertThat(scan.hasOnly(0, Kind.OBJECT)).isFalse();
        assertThat(scan.text(1)).isEqualTo("d\\\"e");
        assertThat(scan.text(2)).isEqualTo("-1.5e3");
        assertThat(scan.kind(3)).isEqualTo(Kind.TRUE);
        assertThat(scan.isEmptyArray(4)).isTrue();
        assertThat(scan.kind(5)).isEqualTo(Kind.OBJECT);
        assertThat(scan.valueTo(5) - scan.valueFrom(5)).isEqualTo("{\"a\":[3]}".length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "1",
                "\"a\"",
                "{",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":1e}",
                "{\"a\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"b}",
                "{\"a\":\"\n\"}",
                "{\"a\":[1 2]}",
                "{\"a\":[1,]}",
                "{\"a\":{]}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":NaN}",
                "{,}",
                "{\"a\":-}"
            })
    void whatIsNoObjectIsRefused(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(RequestRefused.class)
                .hasMessageContaining("the body is not JSON");
    }

    @Test
    void depthIsBounded() {
        read("{\"a\":" + "[".repeat(63) + "]".repeat(63) + "}");
        assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(64) + "]".repeat(64) + "}"))
                .hasMessageContaining("64");
    }

    @Test
    void textsBrokenAtRandomAreJudgedAsTheReaderJudgesThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] sound =
                """
                {"model":"m","messages":[{"role":"user","content":"Grüße \\u00e4 \\n 漢字 😀"}],
                "n":1,"temperature":0.5e-1,"stop":["a","b"],"x":{"y":[true,false,null,-0.0,[]]}}"""
                        .getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] text = sound.clone();
            int changes = random.nextInt(3);
            for (int change = 0; change < changes; change++) {
                text[random.nextInt(text.length)] =
                        random.nextBoolean()
                                ? (byte) random.nextInt(256)
                                : sound[random.nextInt(sound.length)];
            }
            boolean expected = isObject(text);
            refused += expected ? 0 : 1;
            assertThat(isRead(text))
                    .as("seed %d, text %s", seed, new String(text, StandardCharsets.ISO_8859_1))
                    .isEqualTo(expected);
        }
        assertThat(refused).isBetween(2_000, 18_000);
    }

    private boolean isRead(byte[] text) {
        try {
            scan.read(MemorySegment.ofArray(text));
            return true;
        } catch (RequestRefused refused) {
            return false;
        }
    }

    private static boolean isObject(byte[] text) {
        try {
            String decoded =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
            return JsonReader.readLastWins(decoded) instanceof JsonObject;
        } catch (CharacterCodingException | JsonException wrong) {
            return false;
        }
    }

    private void read(String text) {
        scan.read(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
    }
}
