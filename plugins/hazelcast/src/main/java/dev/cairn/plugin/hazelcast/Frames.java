package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What stands around a message or question on its way: version, sender, receiver, time, a number
 * that comes once, and the signature over all of it. An answer is signed together with its
 * question.
 *
 * <p>With a key, a question is answered once: who recorded it cannot ask it again.
 *
 * <p>Threads: any.
 */
final class Frames {

    private static final int VERSION = 1;
    private static final int MESSAGE = 0;
    private static final int QUESTION = 1;
    private static final int ANSWERED = 0;
    private static final int REFUSED = 1;
    private static final int LONGEST_ID = 256;
    private static final int LONGEST_REFUSAL = 1024;

    /** The largest are batches, contents of buckets and commands. */
    private static final int LARGEST = 4 << 20;

    /** Questions of the last minute; with more, further ones are refused. */
    private static final int MOST_NUMBERS = 1 << 16;

    private final String self;
    private final Seal seal;
    private final Clock clock;
    private final RandomSource random;
    private final Map<Long, Long> numbers = new LinkedHashMap<>();

    Frames(String self, Seal seal, Clock clock, RandomSource random) {
        this.self = self;
        this.seal = seal;
        this.clock = clock;
        this.random = random;
    }

    byte[] message(String to, byte[] content) {
        return frame(MESSAGE, to, content);
    }

    Asked question(String to, byte[] content) {
        return new Asked(seal, frame(QUESTION, to, content));
    }

    private byte[] frame(int kind, String to, byte[] content) {
        return seal.sealed(
                new ByteWriter()
                        .one(VERSION)
                        .one(kind)
                        .text(self)
                        .text(to)
                        .number(clock.epochMillis())
                        .number(random.nextLong())
                        .raw(content)
                        .bytes());
    }

    /**
     * @throws MalformedMessage if it is not for this member, too large, too old, not signed as it
     *     must be, or was here before
     */
    Opened open(byte[] frame) {
        if (frame.length > LARGEST) {
            throw new MalformedMessage(frame.length + " bytes at once");
        }
        ByteReader reader = new ByteReader(seal.opened(frame));
        int version = reader.one();
        if (version != VERSION) {
            throw new MalformedMessage(
                    "it speaks version %d, this member version %d".formatted(version, VERSION));
        }
        boolean question = reader.one() == QUESTION;
        String from = reader.text(LONGEST_ID);
        String to = reader.text(LONGEST_ID);
        long sent = reader.longNumber();
        long number = reader.longNumber();
        if (!to.equals(self)) {
            throw new MalformedMessage("it is for " + to);
        }
        if (seal.signs() && question) {
            checkFresh(sent, number);
        }
        return new Opened(seal, frame, question, from, reader.rest());
    }

    private synchronized void checkFresh(long sent, long number) {
        long now = clock.epochMillis();
        if (Math.abs(now - sent) > Seal.MOST_MILLIS_APART) {
            throw new MalformedMessage(
                    "it was sent %d s from now by its clock; set the members' clocks"
                            .formatted((sent - now) / 1000));
        }
        // In the order of arrival; a number may be forgotten when its question is too old anyway.
        var eldest = numbers.entrySet().iterator();
        while (eldest.hasNext() && now - eldest.next().getValue() > 2 * Seal.MOST_MILLIS_APART) {
            eldest.remove();
        }
        if (numbers.size() >= MOST_NUMBERS) {
            throw new MalformedMessage("there are too many questions");
        }
        if (numbers.putIfAbsent(number, now) != null) {
            throw new MalformedMessage("it was here before");
        }
    }

    /** An answer that says why there is none. */
    static byte[] refusal(String why) {
        return new ByteWriter().one(REFUSED).text(why).bytes();
    }

    /**
     * A question on its way.
     *
     * @param frame to send
     */
    record Asked(Seal seal, byte[] frame) {

        /**
         * The content of what came back.
         *
         * @throws MalformedMessage if the member refused, or did not sign its answer to this
         *     question
         */
        byte[] answer(byte[] response) {
            if (response == null || response.length == 0 || response.length > LARGEST) {
                throw new MalformedMessage("no answer");
            }
            if (response[0] != ANSWERED) {
                ByteReader reader = new ByteReader(response);
                reader.one();
                throw new MalformedMessage(reader.text(LONGEST_REFUSAL));
            }
            byte[] opened = seal.opened(response, frame);
            return Arrays.copyOfRange(opened, 1, opened.length);
        }
    }

    /** What came in a frame. */
    record Opened(Seal seal, byte[] frame, boolean question, String from, byte[] content) {

        /** The answer to it, on its way. */
        byte[] answer(byte[] answer) {
            return seal.sealed(frame, new ByteWriter().one(ANSWERED).raw(answer).bytes());
        }
    }
}
