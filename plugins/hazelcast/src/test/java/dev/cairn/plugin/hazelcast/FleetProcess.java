package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A member in a process of its own, which does what a line on its standard input says and answers
 * with a line: {@code announce FROM TO TIER}, {@code withdraw FROM TO TIER}, {@code members},
 * {@code known FROM TO} (every holder of these blocks, by name), {@code leave}.
 */
final class FleetProcess {

    private FleetProcess() {}

    public static void main(String[] settings) throws IOException {
        Map<String, String> read = new HashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            read.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        try (TestMember member = TestMember.open(read).describe(false, "model");
                var lines =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("id " + member.id());
            String line = lines.readLine();
            while (line != null && !line.equals("leave")) {
                System.out.println(answer(member, line.split(" ", -1)));
                line = lines.readLine();
            }
        }
        System.out.println("left");
    }

    private static String answer(TestMember member, String[] words) {
        return switch (words[0]) {
            case "announce" -> {
                member.announce(Blocks.range(number(words[1]), number(words[2])), words[3]);
                yield "done";
            }
            case "withdraw" -> {
                member.withdraw(Blocks.range(number(words[1]), number(words[2])), words[3]);
                yield "done";
            }
            case "members" -> Integer.toString(member.membership().members().size());
            case "known" -> known(member, number(words[1]), number(words[2]));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private static String known(TestMember member, int from, int to) {
        TreeSet<String> known = new TreeSet<>();
        for (int block = from; block < to; block++) {
            List<BlockHolder> holders = member.directory().holders(Blocks.key(block));
            for (BlockHolder holder : holders) {
                known.add("%d@%s:%s".formatted(block, holder.member(), holder.tier()));
            }
        }
        return String.join(" ", known);
    }

    private static int number(String word) {
        return Integer.parseInt(word);
    }
}
