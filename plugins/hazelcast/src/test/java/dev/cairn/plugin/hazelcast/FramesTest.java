package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.system.Clock;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** With a key, only what a member sent to this one, now and once, is believed. */
class FramesTest {

    private static final byte[] CONTENT = {1, 2, 3, 4, 5};

    private final SettableClock clock = new SettableClock();
    private final Frames here = frames("here", "key");
    private final Frames there = frames("there", "key");

    private Frames frames(String self, String key) {
        Random random = new Random(self.hashCode());
        return new Frames(
                self, key.isEmpty() ? Seal.open() : Seal.with(key), clock, random::nextLong);
    }

    @Test
    void whatWasSentIsOpened() {
        Frames.Opened opened = there.open(here.message("there", CONTENT));
        assertThat(opened.content()).isEqualTo(CONTENT);
        assertThat(opened.from()).isEqualTo("here");
        assertThat(opened.question()).isFalse();
    }

    @Test
    void aQuestionGetsItsAnswer() {
        Frames.Asked asked = here.question("there", CONTENT);
        byte[] answer = there.open(asked.frame()).answer(new byte[] {9});
        assertThat(asked.answer(answer)).isEqualTo(new byte[] {9});
    }

    @Test
    void aFlippedBitAnywhereIsSeen() {
        byte[] frame = here.message("there", CONTENT);
        for (int bit = 0; bit < frame.length * 8; bit++) {
            byte[] flipped = frame.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> there.open(flipped)).isInstanceOf(MalformedMessage.class);
        }
        for (int length = 0; length < frame.length; length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            assertThatThrownBy(() -> there.open(cut)).isInstanceOf(MalformedMessage.class);
        }
    }

    @Test
    void anotherKeyOrNoneIsRefused() {
        byte[] signed = here.message("there", CONTENT);
        byte[] unsigned = frames("here", "").message("there", CONTENT);
        assertRefused(frames("there", "another"), signed, "another cairn.cluster.key");
        assertRefused(there, unsigned, "cairn.cluster.key");
    }

    /** The tag is then taken for content, which no message can end in. */
    @Test
    void whoHasNoKeyCannotReadWhatIsSigned() {
        byte[] signed = here.message("there", new Message.Farewell().encode());
        byte[] content = frames("there", "").open(signed).content();
        assertThatThrownBy(() -> Message.decode(content)).isInstanceOf(MalformedMessage.class);
    }

    @Test
    void whatIsForAnotherMemberIsRefused() {
        assertRefused(there, here.message("elsewhere", CONTENT), "it is for elsewhere");
    }

    @Test
    void aQuestionIsAnsweredOnce() {
        byte[] frame = here.question("there", CONTENT).frame();
        there.open(frame);
        assertRefused(there, frame, "was here before");
    }

    @Test
    void anOldQuestionIsRefused() {
        byte[] frame = here.question("there", CONTENT).frame();
        clock.millis += Seal.MOST_MILLIS_APART + 1;
        assertRefused(there, frame, "clocks");
    }

    @Test
    void anAnswerFitsItsQuestionOnly() {
        Frames.Asked first = here.question("there", CONTENT);
        Frames.Asked second = here.question("there", CONTENT);
        byte[] answer = there.open(first.frame()).answer(new byte[] {9});
        assertThatThrownBy(() -> second.answer(answer)).isInstanceOf(MalformedMessage.class);
        byte[] flipped = answer.clone();
        flipped[1] ^= 1;
        assertThatThrownBy(() -> first.answer(flipped)).isInstanceOf(MalformedMessage.class);
    }

    @Test
    void aRefusalSaysWhy() {
        Frames.Asked asked = here.question("there", CONTENT);
        assertThatThrownBy(() -> asked.answer(Frames.refusal("it is closed")))
                .isInstanceOf(MalformedMessage.class)
                .hasMessage("it is closed");
    }

    private static void assertRefused(Frames frames, byte[] frame, String why) {
        assertThatThrownBy(() -> frames.open(frame))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining(why);
    }

    private static final class SettableClock implements Clock {

        private long millis = 1_000_000;

        @Override
        public long nanos() {
            return millis * 1_000_000;
        }

        @Override
        public long epochMillis() {
            return millis;
        }
    }
}
