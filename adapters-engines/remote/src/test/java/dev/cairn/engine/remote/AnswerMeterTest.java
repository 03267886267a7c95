package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What an answer costs an account. */
class AnswerMeterTest {

    @Test
    void usageCountsHoweverItIsCut() {
        byte[] answer =
                "{\"x\":\"\\\"\",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\": 128,\"total_tokens\":137}}"
                        .getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= answer.length; cut++) {
            AnswerMeter meter = new AnswerMeter();
            meter.read(ByteBuffer.wrap(answer, 0, cut));
            meter.read(ByteBuffer.wrap(answer, cut, answer.length - cut));
            assertThat(meter.tokens()).as("cut at %d", cut).isEqualTo(128);
        }
    }

    @Test
    void eventsCountWhereNoUsageIsTold() {
        AnswerMeter meter = new AnswerMeter();
        String events = "data: {\"a\":1}\n\n".repeat(5) + "data: [DONE]\n\n";
        meter.read(ByteBuffer.wrap(events.getBytes(StandardCharsets.UTF_8)));
        assertThat(meter.tokens()).isEqualTo(5);
        String last = "data: {\"usage\":{\"completion_tokens\":7}}\n\n";
        meter.read(ByteBuffer.wrap(last.getBytes(StandardCharsets.UTF_8)));
        assertThat(meter.tokens()).isEqualTo(7);
    }
}
