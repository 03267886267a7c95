package dev.cairn.transport.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestBodyTest {

    private static final long THERE = 5_000_000_000_000L;
    private static final long HERE = 77L;

    @Test
    void everyFieldArrives() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("RequestBodyTest seed " + seed);
        var requests = new RandomRequests(seed);
        for (int i = 0; i < 3_000; i++) {
            GenerationRequest sent = requests.next(THERE);
            GenerationRequest received =
                    RequestReader.read(RequestWriter.write(sent, THERE), THERE);
            assertThat(received)
                    .usingRecursiveComparison()
                    .withStrictTypeChecking()
                    .ignoringFieldsMatchingRegexes(".*hash.*")
                    .isEqualTo(sent);
        }
    }

    @Test
    void timesArriveOnTheReadersClock() throws Exception {
        GenerationRequest sent = new RandomRequests(1).next(THERE);
        GenerationRequest received = RequestReader.read(RequestWriter.write(sent, THERE), HERE);
        assertThat(received.arrivalNanos() - HERE).isEqualTo(sent.arrivalNanos() - THERE);
        sent.deadlineNanos()
                .ifPresent(
                        deadline ->
                                assertThat(received.deadlineNanos().getAsLong() - HERE)
                                        .isEqualTo(deadline - THERE));
    }

    /** As version 1 sent it first: whoever reads it must go on reading it. */
    @Test
    void readsAnOlderMessage() throws Exception {
        byte[] recorded =
                new FrameWriter()
                        .putText(
                                "{\"version\":1,\"id\":\"a\",\"model\":\"m\",\"prompt_tokens\":2,"
                                        + "\"stop\":{\"max_tokens\":3}}")
                        .putInt(7)
                        .putInt(8)
                        .toBytes();
        GenerationRequest request = RequestReader.read(recorded, HERE);
        assertThat(request.prompt()).containsExactly(7, 8);
        assertThat(request.choices()).isEqualTo(1);
        assertThat(request.stop().maxTokens()).isEqualTo(3);
        assertThat(request.stop().skipSpecialTokens()).isTrue();
        assertThat(request.sampling())
                .isEqualTo(new SamplingParameters(1, 1, 0, 0, 0, 0, 1, java.util.Map.of()));
        assertThat(request.topLogprobs()).isEqualTo(-1);
        assertThat(request.promptLogprobs()).isEqualTo(-1);
        assertThat(request.deadlineNanos()).isEmpty();
        assertThat(request.arrivalNanos()).isEqualTo(HERE);
        assertThat(request.trace()).isEqualTo(TraceContext.NONE);
        assertThat(request.continuation()).isEqualTo(Continuation.NONE);
        assertThat(request.prefillAt()).isEmpty();
    }

    /** As a later version may send it: more members, more bytes after the tokens. */
    @Test
    void readsANewerMessage() throws Exception {
        byte[] recorded =
                new FrameWriter()
                        .putText(
                                "{\"version\":2,\"id\":\"a\",\"model\":\"m\",\"prompt_tokens\":1,"
                                        + "\"pictures\":{\"digest\":\"abc\"},\"sampling\":{\"top_a\":0.5},"
                                        + "\"format\":{\"type\":\"regex\",\"pattern\":\"a+\",\"flags\":[1]},"
                                        + "\"stop\":{\"max_tokens\":3,\"repetitions\":9}}")
                        .putInt(7)
                        .putText("more")
                        .toBytes();
        GenerationRequest request = RequestReader.read(recorded, HERE);
        assertThat(request.prompt()).containsExactly(7);
        assertThat(request.format()).contains(new OutputFormat.Regex("a+"));
    }

    /** An unknown format changes answers: it is refused and not left out. */
    @Test
    void refusesAFormatOfTheFuture() {
        byte[] recorded =
                new FrameWriter()
                        .putText(
                                "{\"prompt_tokens\":1,\"format\":{\"type\":\"poem\"},"
                                        + "\"stop\":{\"max_tokens\":3}}")
                        .putInt(7)
                        .toBytes();
        assertThatThrownBy(() -> RequestReader.read(recorded, HERE))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("format \"poem\" is unknown here");
    }

    @Test
    void damagedRequestsAreRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("RequestBodyTest seed " + seed);
        var random = new Random(seed);
        var requests = new RandomRequests(seed);
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = RequestWriter.write(requests.next(THERE), THERE);
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            try {
                RequestReader.read(bytes, HERE);
            } catch (ProtocolException damaged) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(300);
    }
}
