package dev.cairn.core.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsignmentTest {

    private static final KvLayout LAYOUT = new KvLayout(2, 16, 4, 32, KvType.BFLOAT16);

    @Test
    void isReadAsItWasWritten() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            List<Offered> blocks = new ArrayList<>();
            for (int block = random.nextInt(20); block > 0; block--) {
                blocks.add(any(random));
            }
            Consignment written = new Consignment("member " + i, blocks);
            String text = JsonWriter.write(written.toJson());
            Consignment read = Consignment.of(JsonReader.read(text));
            assertThat(read).isEqualTo(written);
            assertThat(read.blocks()).containsExactlyInAnyOrderElementsOf(blocks);
        }
    }

    private static Offered any(Random random) {
        KvLayout layout =
                new KvLayout(1 + random.nextInt(2), 16, 2, 64, KvType.values()[random.nextInt(3)]);
        BlockHash hash =
                new BlockHash(
                        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        ComputeIdentity identity = new ComputeIdentity("identity/" + random.nextInt(2));
        String model = "model " + random.nextInt(2);
        return new Offered(
                new BlockKey(model, identity, random.nextInt(2), hash),
                layout,
                "tenant " + random.nextInt(3));
    }

    /** What comes from the network is a batch of blocks or an answer that says what is wrong. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"layers\":2|\"layers\":0|layout",
                "\"layers\":2|\"layers\":-1|layout",
                "\"layers\":2|\"layers\":2.5|layers",
                "\"layers\":2|\"layers\":1e99|layers",
                "\"layers\":2|\"layers\":1000000|layout",
                "\"tokens\":16|\"tokens\":1048576|layout",
                "\"layers\":2|\"layers\":\"2\"|layers",
                "\"type\":\"bfloat16\"|\"type\":\"float7\"|float7",
                "\"group\":0|\"grup\":0|group",
                "\"from\":\"a\"|\"from\":1|from",
                "0000000000000001|01|hash",
                "0000000000000001|000000000000000g|hexadecimal",
                "\"tenant\":\"t\"|\"tenant\":null|tenant",
                "\"kinds\":[|\"kinds\":7,\"x\":[|kinds",
            })
    void whatIsNoneIsRefused(String part, String instead, String complaint) {
        String good = JsonWriter.write(one().toJson());
        assertThat(good).contains(part);
        String bad = good.replaceFirst(Pattern.quote(part), instead);
        assertThatThrownBy(() -> Consignment.of(JsonReader.read(bad)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void hasABoundedNumberOfBlocks() {
        List<Offered> many = new ArrayList<>();
        for (int i = 0; i <= Consignment.MOST_BLOCKS; i++) {
            many.add(offered(i));
        }
        assertThatThrownBy(() -> new Consignment("a", many)).hasMessageContaining("4096");
    }

    private static Consignment one() {
        return new Consignment("a", List.of(offered(1)));
    }

    private static Offered offered(int id) {
        BlockHash hash = new BlockHash(id, 0, 0, 0);
        return new Offered(new BlockKey("m", new ComputeIdentity("i"), 0, hash), LAYOUT, "t");
    }
}
