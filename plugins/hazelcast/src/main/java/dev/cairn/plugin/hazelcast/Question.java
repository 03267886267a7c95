package dev.cairn.plugin.hazelcast;

import java.util.ArrayList;
import java.util.List;

/** What a member asks another one, and the answers. */
sealed interface Question {

    /**
     * Where do we differ?
     *
     * @param sums {@link Buckets#groups} of your blocks as I know them
     */
    record Differences(long[] sums) implements Question {}

    /**
     * What do you hold in these buckets? The answer may stop after any of them but the first.
     *
     * @param buckets ascending, at least one
     */
    record Contents(List<Integer> buckets) implements Question {}

    /**
     * Do something.
     *
     * @param name of the command
     * @param argument JSON
     */
    record Command(String name, String argument) implements Question {

        static final int LONGEST_NAME = 256;
        static final int LONGEST_TEXT = 1 << 20;
    }

    default byte[] encode() {
        ByteWriter writer = new ByteWriter();
        switch (this) {
            case Differences asked -> writer.one(1).numbers(asked.sums);
            case Contents asked -> {
                writer.one(2).number(asked.buckets.size());
                asked.buckets.forEach(writer::number);
            }
            case Command asked -> writer.one(3).text(asked.name).text(asked.argument);
        }
        return writer.bytes();
    }

    static Question decode(byte[] bytes) {
        ByteReader reader = new ByteReader(bytes);
        int kind = reader.one();
        Question question =
                switch (kind) {
                    case 1 -> new Differences(reader.numbers(Buckets.GROUPS));
                    case 2 -> new Contents(buckets(reader));
                    case 3 ->
                            new Command(
                                    reader.text(Command.LONGEST_NAME),
                                    reader.text(Command.LONGEST_TEXT));
                    default -> throw new MalformedMessage("a question of kind " + kind);
                };
        reader.end();
        return question;
    }

    private static List<Integer> buckets(ByteReader reader) {
        int count = reader.count(Integer.BYTES);
        if (count < 1 || count > Buckets.COUNT) {
            throw new MalformedMessage(count + " buckets");
        }
        List<Integer> buckets = new ArrayList<>(count);
        int last = -1;
        for (int i = 0; i < count; i++) {
            int bucket = reader.number();
            if (bucket <= last || bucket >= Buckets.COUNT) {
                throw new MalformedMessage("bucket " + bucket);
            }
            buckets.add(bucket);
            last = bucket;
        }
        return buckets;
    }

    /**
     * Answer to {@link Differences}.
     *
     * @param sequence of the last batch before it
     * @param groups those in which the sums differ, a bit each
     * @param sums of the buckets of those groups, [groups][{@link Buckets#PER_GROUP}]
     */
    record DifferencesAnswer(long sequence, long groups, long[] sums) {

        byte[] encode() {
            return new ByteWriter().number(sequence).number(groups).numbers(sums).bytes();
        }

        static DifferencesAnswer decode(byte[] bytes) {
            ByteReader reader = new ByteReader(bytes);
            long sequence = reader.longNumber();
            long groups = reader.longNumber();
            long[] sums = reader.numbers(Long.bitCount(groups) * Buckets.PER_GROUP);
            reader.end();
            return new DifferencesAnswer(sequence, groups, sums);
        }
    }

    /**
     * Answer to {@link Contents}.
     *
     * @param answered how many of the buckets it covers, from the first
     * @param contents all blocks in them
     */
    record ContentsAnswer(int answered, Changes contents) {

        byte[] encode() {
            ByteWriter writer = new ByteWriter().number(answered);
            contents.writeTo(writer);
            return writer.bytes();
        }

        static ContentsAnswer decode(byte[] bytes) {
            ByteReader reader = new ByteReader(bytes);
            var answer = new ContentsAnswer(reader.number(), Changes.readFrom(reader));
            reader.end();
            return answer;
        }
    }
}
