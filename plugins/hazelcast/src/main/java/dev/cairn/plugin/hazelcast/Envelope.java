package dev.cairn.plugin.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import java.io.IOException;
import java.util.concurrent.Callable;

/**
 * The one thing that we let Hazelcast carry: bytes that a {@link HazelcastLink} wrote, for the link
 * of another member to read. It is written and read by its own serializer, so that nothing of ours
 * goes through Java's.
 */
final class Envelope implements Callable<byte[]>, HazelcastInstanceAware {

    /** Where a Hazelcast instance keeps the link that it works for. */
    static final String LINK = "dev.cairn.link";

    private final byte[] frame;
    private HazelcastInstance receiver;

    Envelope(byte[] frame) {
        this.frame = frame;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        receiver = instance;
    }

    /** Runs on the member that it was sent to. */
    @Override
    public byte[] call() {
        return ((HazelcastLink) receiver.getUserContext().get(LINK)).receive(frame);
    }

    /** An envelope as its bytes. */
    static final class Serializer implements StreamSerializer<Envelope> {

        private static final int TYPE = 2600;

        @Override
        public int getTypeId() {
            return TYPE;
        }

        @Override
        public void write(ObjectDataOutput out, Envelope envelope) throws IOException {
            out.writeByteArray(envelope.frame);
        }

        @Override
        public Envelope read(ObjectDataInput in) throws IOException {
            byte[] frame = in.readByteArray();
            if (frame == null) {
                throw new IOException("an envelope without content");
            }
            return new Envelope(frame);
        }
    }
}
