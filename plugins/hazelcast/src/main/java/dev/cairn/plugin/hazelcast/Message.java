package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.Member;

/**
 * What a member tells another one without being asked; any of it may be lost, come twice or late.
 */
sealed interface Message {

    /**
     * Changes of the sender's blocks.
     *
     * @param sequence one more than that of the batch before it
     */
    record Batch(long sequence, Changes changes) implements Message {}

    /**
     * Where the sender stands, told every half a second and to newcomers.
     *
     * @param revision of its record; 0 = it has described itself to nobody yet
     * @param sequence of its last batch
     * @param sums {@link Buckets#groups} of its blocks after that batch
     */
    record Beacon(long revision, long sequence, long[] sums) implements Message {}

    /**
     * The sender's facts.
     *
     * @param revision higher for newer ones
     */
    record Facts(long revision, Member member) implements Message {}

    /** Tell me your facts again. */
    record FactsWanted() implements Message {}

    /** The sender leaves on purpose. */
    record Farewell() implements Message {}

    /** Encodes; {@link #decode} is its inverse. */
    default byte[] encode() {
        ByteWriter writer = new ByteWriter();
        switch (this) {
            case Batch batch -> {
                writer.one(1).number(batch.sequence);
                batch.changes.writeTo(writer);
            }
            case Beacon beacon ->
                    writer.one(2)
                            .number(beacon.revision)
                            .number(beacon.sequence)
                            .numbers(beacon.sums);
            case Facts facts -> {
                writer.one(3).number(facts.revision);
                MemberText.write(facts.member, writer);
            }
            case FactsWanted() -> writer.one(4);
            case Farewell() -> writer.one(5);
        }
        return writer.bytes();
    }

    /**
     * @throws MalformedMessage for anything that {@link #encode} does not write
     */
    static Message decode(byte[] bytes) {
        ByteReader reader = new ByteReader(bytes);
        int kind = reader.one();
        Message message =
                switch (kind) {
                    case 1 -> new Batch(reader.longNumber(), Changes.readFrom(reader));
                    case 2 ->
                            new Beacon(
                                    reader.longNumber(),
                                    reader.longNumber(),
                                    reader.numbers(Buckets.GROUPS));
                    case 3 -> new Facts(reader.longNumber(), MemberText.read(reader));
                    case 4 -> new FactsWanted();
                    case 5 -> new Farewell();
                    default -> throw new MalformedMessage("a message of kind " + kind);
                };
        reader.end();
        return message;
    }
}
