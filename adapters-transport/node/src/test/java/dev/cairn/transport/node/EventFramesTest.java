package dev.cairn.transport.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventFramesTest {

    private static final GenerationRequest REQUEST =
            GenerationRequest.greedy("a", "m", new int[] {1, 2, 3}, 1_000_000, 0);

    private static List<TokenEvent> read(GenerationRequest request, byte[] bytes)
            throws ProtocolException {
        var frames = new Payload().over(bytes, 0, bytes.length);
        var reader = new EventReader(request);
        List<TokenEvent> events = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int length = frames.over(bytes, at, bytes.length - at).getCount(1 << 24, "bytes");
            int type = frames.getByte();
            if (length > frames.left()) {
                throw new ProtocolException("cut");
            }
            at += NodeProtocol.FRAME_HEADER;
            TokenEvent event = reader.read(type, new Payload().over(bytes, at, length));
            if (event != null) {
                events.add(event);
            }
            at += length;
        }
        return events;
    }

    private static byte[] write(List<TokenEvent> events) {
        var out = new FrameWriter();
        events.forEach(new EventWriter(out)::write);
        return out.toBytes();
    }

    /** Events with all that arrays hold, to be compared. */
    private static List<String> words(List<TokenEvent> events) {
        return events.stream()
                .map(
                        event ->
                                event instanceof TokenEvent.Tokens(int choice, var tokens)
                                        ? choice
                                                + ": "
                                                + tokens.stream()
                                                        .map(EventFramesTest::words)
                                                        .toList()
                                        : event.toString())
                .toList();
    }

    private static String words(GeneratedToken token) {
        return token.id()
                + " "
                + token.logprob()
                + " "
                + token.rank()
                + Arrays.toString(token.topIds())
                + Arrays.toString(token.topLogprobs());
    }

    private static GeneratedToken token(Random random, boolean bare) {
        int top = bare ? 0 : random.nextInt(4);
        float[] logprobs = new float[top];
        for (int i = 0; i < top; i++) {
            logprobs[i] = -random.nextFloat();
        }
        return new GeneratedToken(
                random.nextInt(1 << 20),
                bare ? Float.NaN : -random.nextFloat(),
                bare ? 0 : 1 + random.nextInt(100),
                random.ints(top, 0, 1 << 20).toArray(),
                logprobs);
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("EventFramesTest seed " + seed);
        var random = new Random(seed);
        List<StopCause> causes =
                List.of(
                        new StopCause.EndOfSequence(),
                        new StopCause.StopToken(7),
                        new StopCause.StopString("ü."),
                        new StopCause.Budget());
        for (int i = 0; i < 500; i++) {
            List<TokenEvent> events = new ArrayList<>();
            events.add(new TokenEvent.PromptDone(random.nextInt(4), List.of()));
            for (int n = random.nextInt(10); n > 0; n--) {
                boolean bare = random.nextBoolean();
                List<GeneratedToken> tokens = new ArrayList<>();
                for (int t = 1 + random.nextInt(5); t > 0; t--) {
                    tokens.add(token(random, bare));
                }
                events.add(new TokenEvent.Tokens(0, tokens));
            }
            events.add(
                    new TokenEvent.ChoiceEnded(
                            0,
                            FinishReason.values()[random.nextInt(3)],
                            causes.get(random.nextInt(4)),
                            random.nextBoolean() ? null : "text"));
            events.add(
                    switch (random.nextInt(3)) {
                        case 0 -> new TokenEvent.Ended(new Usage(3, random.nextInt(99), 1, 0));
                        case 1 ->
                                new TokenEvent.Failed(
                                        new RequestProblem(
                                                RequestProblem.Category.OVERLOADED,
                                                "full",
                                                random.nextBoolean()
                                                        ? Optional.empty()
                                                        : Optional.of("n"),
                                                "overloaded",
                                                random.nextBoolean()
                                                        ? OptionalLong.empty()
                                                        : OptionalLong.of(17)));
                        default -> new TokenEvent.Interrupted("it drains");
                    });
            assertThat(words(read(REQUEST, write(events)))).isEqualTo(words(events));
        }
    }

    /** Long lists of tokens take several frames, none of them large. */
    @Test
    void manyTokensTakeSeveralFrames() throws Exception {
        var random = new Random(3);
        List<GeneratedToken> tokens = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            tokens.add(token(random, i % 70_000 < 40_000));
        }
        List<TokenEvent> events =
                read(
                        REQUEST,
                        write(
                                List.of(
                                        new TokenEvent.PromptDone(0, List.of()),
                                        new TokenEvent.Tokens(0, tokens))));
        List<GeneratedToken> received = new ArrayList<>();
        for (TokenEvent event : events) {
            if (event instanceof TokenEvent.Tokens more) {
                received.addAll(more.tokens());
            }
        }
        assertThat(events).hasSizeGreaterThan(5);
        assertThat(received.stream().map(EventFramesTest::words).toList())
                .isEqualTo(tokens.stream().map(EventFramesTest::words).toList());
    }

    @Test
    void unknownFramesAndLongerOnesAreFine() throws Exception {
        var out = new FrameWriter();
        out.begin(200).putText("of the future");
        out.end();
        out.begin(NodeProtocol.PROMPT_DONE).putInt(2).putInt(0).putText("more of it");
        out.end();
        assertThat(read(REQUEST, out.toBytes()))
                .containsExactly(new TokenEvent.PromptDone(2, List.of()));
    }

    @Test
    void damagedFramesAreFoundOrAreOtherEventsAndNothingElseHappens() {
        long seed = new Random().nextLong();
        System.out.println("EventFramesTest seed " + seed);
        var random = new Random(seed);
        int found = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes =
                    write(
                            List.of(
                                    new TokenEvent.PromptDone(1, List.of()),
                                    new TokenEvent.Tokens(0, List.of(token(random, i % 2 == 0))),
                                    new TokenEvent.ChoiceEnded(
                                            0,
                                            FinishReason.STOP,
                                            new StopCause.StopString("x"),
                                            null),
                                    new TokenEvent.Ended(new Usage(3, 1, 1, 0))));
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                read(REQUEST, bytes);
            } catch (ProtocolException damaged) {
                found++;
            }
        }
        assertThat(found).isBetween(1_000, 4_999);
    }
}
