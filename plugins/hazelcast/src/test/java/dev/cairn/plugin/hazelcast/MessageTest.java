package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages come back as they were, and no bytes do worse than to be refused. */
class MessageTest {

    private static final Member MEMBER =
            new Member(
                    "id",
                    Role.PREFILL,
                    "[::1]:8000",
                    Map.of("tcp", "h:1", "shm", "/x"),
                    Set.of("a", "b"),
                    true,
                    Map.of("k", "v", "ü", ""));

    static Stream<Message> messages() {
        return Stream.of(
                new Message.Batch(
                        7,
                        new Changes(
                                List.of("host", "disk"),
                                new long[] {1, -2},
                                new long[] {3, 4},
                                new byte[] {1, (byte) Changes.GONE})),
                new Message.Beacon(1, 2, new Random(3).longs(Buckets.GROUPS).toArray()),
                new Message.Facts(5, MEMBER),
                new Message.FactsWanted(),
                new Message.Farewell());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void comesBackAsItWas(Message message) {
        byte[] bytes = message.encode();
        assertThat(Message.decode(bytes)).usingRecursiveComparison().isEqualTo(message);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Message.decode(cut)).isInstanceOf(MalformedMessage.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> Message.decode(longer)).isInstanceOf(MalformedMessage.class);
    }

    /** Random bytes, and sound messages with a few bytes changed. */
    @Test
    void noBytesDoWorseThanToBeRefused() {
        long seed = RandomGenerator.getDefault().nextLong();
        System.out.println("messages: seed " + seed);
        Random random = new Random(seed);
        List<byte[]> sound =
                Stream.concat(
                                messages().map(Message::encode),
                                Stream.of(
                                        new Question.Command("do", "{}").encode(),
                                        new Question.Contents(List.of(1, 2)).encode(),
                                        new Question.Differences(new long[Buckets.GROUPS])
                                                .encode()))
                        .toList();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = sound.get(random.nextInt(sound.size())).clone();
            for (int change = 1 + random.nextInt(4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            refused += refuses(() -> Message.decode(bytes));
            refused += refuses(() -> Question.decode(bytes));
            refused += refuses(() -> Question.DifferencesAnswer.decode(bytes));
            refused += refuses(() -> Question.ContentsAnswer.decode(bytes));
        }
        assertThat(refused).isBetween(20_000, 80_000);
    }

    private static int refuses(Runnable decode) {
        try {
            decode.run();
            return 0;
        } catch (MalformedMessage expected) {
            return 1;
        }
    }

    @Test
    void aRecordThatOthersWouldNotReadIsRefusedWhereItIsMade() {
        Member member =
                new Member(
                        "id",
                        Role.ALL,
                        "",
                        Map.of(),
                        Set.of(),
                        false,
                        Map.of("large", "x".repeat(20_000)));
        assertThatThrownBy(() -> MemberText.check(member))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16384 bytes");
    }
}
