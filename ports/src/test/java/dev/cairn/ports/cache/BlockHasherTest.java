package dev.cairn.ports.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHasher.SaltForm;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hashes that vLLM's own code made, and those that a running vLLM 0.32 published. */
class BlockHasherTest {

    private static final int[] FIRST = IntStream.rangeClosed(1, 16).toArray();
    private static final int[] SECOND = IntStream.rangeClosed(17, 32).toArray();

    static Stream<JsonObject> made() {
        return objects(vectors(), "made").stream();
    }

    @ParameterizedTest
    @MethodSource("made")
    void hashesAreThoseOfVllmsCode(JsonObject vector) {
        BlockHasher hasher = new BlockHasher(Optional.of(text(vector, "seed")), SaltForm.BARE);
        BlockHash first = hasher.first(FIRST, 0, 16, "");
        assertThat(hasher.root()).hasToString(text(vector, "none"));
        assertThat(first).hasToString(text(vector, "h1"));
        assertThat(hasher.next(first, SECOND, 0, 16)).hasToString(text(vector, "h2"));
        assertThat(hasher.first(FIRST, 0, 16, "tenant-a")).hasToString(text(vector, "h1_salted"));
    }

    static Stream<JsonObject> captured() {
        return objects(vectors(), "captured").stream();
    }

    @ParameterizedTest
    @MethodSource("captured")
    void hashesAreThoseThatARunningVllmPublished(JsonObject run) {
        Optional<String> seed =
                run.member("seed") instanceof JsonString(var value)
                        ? Optional.of(value)
                        : Optional.empty();
        BlockHasher hasher = new BlockHasher(seed, SaltForm.TAGGED);
        assertThat(hasher.root()).hasToString(text(run, "none"));
        int size = number(run.member("block_size"));
        for (JsonObject request : objects(run, "requests")) {
            int[] tokens =
                    elements(request, "tokens").stream()
                            .mapToInt(BlockHasherTest::number)
                            .toArray();
            List<String> hashes = new ArrayList<>();
            BlockHash last = hasher.first(tokens, 0, size, text(request, "salt"));
            hashes.add(last.toString());
            for (int at = size; at < tokens.length; at += size) {
                last = hasher.next(last, tokens, at, size);
                hashes.add(last.toString());
            }
            assertThat(hashes)
                    .as(text(request, "label"))
                    .isEqualTo(
                            elements(request, "hashes").stream()
                                    .map(hash -> ((JsonString) hash).value())
                                    .toList());
        }
    }

    @Test
    void withoutASeedTheRootIsVllms() {
        assertThat(new BlockHasher().root())
                .isEqualTo(new BlockHasher(Optional.empty(), SaltForm.BARE).root())
                .isNotEqualTo(new BlockHasher(Optional.of(""), SaltForm.BARE).root());
    }

    @Test
    void whatIsHashedIsCanonicalCbor() throws Exception {
        // The boundaries between the lengths of CBOR's numbers, and an array head of two bytes.
        int[] tokens = {0, 23, 24, 255, 256, 65_535, 65_536, Integer.MAX_VALUE, -1, -25};
        String ids = "00171818 18ff 190100 19ffff 1a00010000 1a7fffffff 20 3818";
        BlockHasher hasher = new BlockHasher();
        byte[] preimage =
                HexFormat.of()
                        .parseHex(("835820" + hasher.root() + "8a" + ids + "f6").replace(" ", ""));
        assertThat(hasher.first(tokens, 0, tokens.length, "").bytes())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(preimage));
    }

    @Test
    void aHashDependsOnEveryTokenBeforeItOnTheSaltAndOnNothingElse() {
        long seed = 11;
        Random random = new Random(seed);
        BlockHasher hasher = new BlockHasher();
        int[] tokens = random.ints(64, 0, 200_000).toArray();
        BlockHash plain = second(hasher, tokens, "");
        for (int changed = 0; changed < 64; changed++) {
            int[] other = tokens.clone();
            other[changed]++;
            assertThat(second(hasher, other, "")).as("token %d", changed).isNotEqualTo(plain);
        }
        assertThat(second(hasher, tokens, "a".repeat(10_000))).isNotEqualTo(plain);
        assertThat(second(hasher, tokens, "a")).isNotEqualTo(second(hasher, tokens, "b"));
        // Buffers that grew and were used by others leave no trace.
        assertThat(second(hasher, tokens, "")).isEqualTo(plain);
        assertThat(second(new BlockHasher(), tokens, "")).isEqualTo(plain);
    }

    private static BlockHash second(BlockHasher hasher, int[] tokens, String salt) {
        return hasher.next(hasher.first(tokens, 0, 32, salt), tokens, 32, 32);
    }

    private static JsonObject vectors() {
        try (InputStream file = BlockHasherTest.class.getResourceAsStream("block-hashes.json")) {
            String json = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return (JsonObject) JsonReader.read(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonValue> elements(JsonObject object, String name) {
        return ((JsonArray) object.member(name)).values();
    }

    private static List<JsonObject> objects(JsonObject object, String name) {
        return elements(object, name).stream().map(JsonObject.class::cast).toList();
    }

    private static String text(JsonObject object, String name) {
        return ((JsonString) object.member(name)).value();
    }

    private static int number(JsonValue value) {
        return (int) ((JsonNumber) value).longValueExact();
    }
}
