package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cairn cache} against a running server: what it says happens, and stays so. */
class CacheAdminIT {

    private static final int BLOCKS = 10;

    private final Random random = new Random(11);

    @TempDir private Path folder;

    @Test
    void pinsHoldMovesLeaveNothingAndWhatIsClearedIsGoneAlsoAfterARestart() throws Exception {
        String pinned = prompt(BLOCKS);
        String moved = prompt(BLOCKS);
        try (CairnProcess cairn = serve("write-through")) {
            warm(cairn, List.of(pinned, moved));
            for (String prompt : List.of(pinned, moved)) {
                awaitIn(cairn, prompt, "host");
                awaitIn(cairn, prompt, "disk");
            }
            assertThat(
                            count(
                                    cairn, "pinned", "pin", "--ids", pinned, "--tier", "host",
                                    "--name", "faq", "--ttl", "1h"))
                    .isEqualTo(BLOCKS);
            assertThat(
                            count(
                                    cairn, "moved", "move", "--ids", moved, "--from", "host",
                                    "--to", "disk"))
                    .isEqualTo(BLOCKS);
            assertThat(places(cairn, moved)).isEqualTo(Set.of("device", "disk"));
            // The host tier holds 64 blocks: ten times as many pass through it.
            List<String> others = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                others.add(prompt(40));
            }
            warm(cairn, others);
            JsonObject tier = tiers(cairn).getFirst();
            assertThat(number(tier, "evicted")).isGreaterThan(500);
            assertThat(number(tier, "pinned_blocks")).isEqualTo(BLOCKS);
            JsonObject found = json(cairn, "lookup", "--ids", pinned);
            assertThat(found.member("hit_tokens").toString()).contains("160");
            for (JsonObject block : objects(found, "blocks")) {
                assertThat(placesOf(block)).contains("host");
            }
            JsonObject pin = objects(json(cairn), "pins").getFirst();
            assertThat(pin.member("name").toString()).contains("faq");
            assertThat(number(pin, "blocks")).isEqualTo(BLOCKS);
            assertThat(number(pin, "seconds_left")).isBetween(3_000L, 3_600L);
            assertThat(count(cairn, "unpinned", "unpin", "--name", "faq")).isEqualTo(BLOCKS);
            assertThat(number(tiers(cairn).getFirst(), "pinned_blocks")).isZero();
            JsonObject cleared = json(cairn, "clear", "--all");
            assertThat(number((JsonObject) cleared.member("cleared"), "host")).isPositive();
            assertThat(places(cairn, pinned)).isEmpty();
            cairn.terminate();
        }
        try (CairnProcess cairn = serve("write-through")) {
            assertThat(places(cairn, pinned)).isEmpty();
            assertThat(places(cairn, moved)).isEmpty();
            assertThat(number(tiers(cairn).getLast(), "blocks")).isZero();
            cairn.terminate();
        }
    }

    @Test
    void whatIsWrittenBackIsThereAfterARestart() throws Exception {
        String prompt = prompt(BLOCKS);
        try (CairnProcess cairn = serve("write-back")) {
            warm(cairn, List.of(prompt));
            assertThat(places(cairn, prompt)).isEqualTo(Set.of("device"));
            cairn.terminate();
        }
        try (CairnProcess cairn = serve("write-back")) {
            assertThat(places(cairn, prompt)).isEqualTo(Set.of("disk"));
            cairn.terminate();
        }
    }

    private CairnProcess serve(String store) throws IOException {
        List<String> arguments = new ArrayList<>();
        for (String setting :
                List.of(
                        "cairn.max-model-len=1000",
                        "cairn.max-num-seqs=4",
                        "cairn.cache.device.size=6MiB",
                        "cairn.cache.tiers=host,disk",
                        "cairn.cache.host.size=1MiB",
                        "cairn.cache.host.store=" + store,
                        "cairn.cache.disk.store=" + store,
                        "cairn.cache.disk.size=64MiB",
                        "cairn.cache.disk.path=" + folder.resolve("tier"))) {
            arguments.addAll(List.of("--set", setting));
        }
        return CairnProcess.serve(CairnProcess.assembled(), arguments.toArray(String[]::new));
    }

    /** Ids of whole blocks, and one token more, which is always computed. */
    private String prompt(int blocks) {
        return random.ints(blocks * 16L + 1, 10, 200)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
    }

    private void warm(CairnProcess cairn, List<String> prompts) throws Exception {
        Path file = folder.resolve("prompts.jsonl");
        Files.write(file, prompts.stream().map("{\"prompt\": [%s]}"::formatted).toList());
        JsonObject report = json(cairn, "warm", file.toString());
        assertThat(number(report, "warmed")).isEqualTo(prompts.size());
    }

    /** Blocks are on their way to the tiers for a while. */
    private void awaitIn(CairnProcess cairn, String prompt, String tier) {
        List<JsonObject> blocks;
        do {
            blocks = objects(json(cairn, "lookup", "--ids", prompt), "blocks");
        } while (!blocks.stream().allMatch(block -> placesOf(block).contains(tier)));
    }

    private Set<String> places(CairnProcess cairn, String prompt) {
        Set<String> places = new TreeSet<>();
        objects(json(cairn, "lookup", "--ids", prompt), "blocks")
                .forEach(block -> places.addAll(placesOf(block)));
        return places;
    }

    private static List<String> placesOf(JsonObject block) {
        return ((JsonArray) block.member("places"))
                .values().stream().map(place -> ((JsonString) place).value()).toList();
    }

    private List<JsonObject> tiers(CairnProcess cairn) {
        return objects(json(cairn), "tiers");
    }

    private static List<JsonObject> objects(JsonObject parent, String name) {
        return ((JsonArray) parent.member(name))
                .values().stream().map(JsonObject.class::cast).toList();
    }

    private static long number(JsonObject parent, String name) {
        return ((JsonNumber) parent.member(name)).longValueExact();
    }

    private long count(CairnProcess cairn, String counted, String... words) {
        return number(json(cairn, words), counted);
    }

    private static JsonObject json(CairnProcess cairn, String... words) {
        return CacheCommandLine.json(cairn, words);
    }
}
