package dev.cairn.engine.remote;

import dev.cairn.ports.relay.AttemptFailure;
import java.nio.ByteBuffer;

/** Who gets a worker's answer. The loop's thread. */
interface AnswerSink {

    /**
     * The answer begins; {@link #bytes} follows at once.
     *
     * @param framing follows the body; the connection moves it on before each {@link #bytes}
     */
    void began(AnswerHead head, BodyFraming framing);

    /**
     * Bytes of the body as they were on the wire.
     *
     * @param data may be empty; valid during the call
     * @param last whether the answer is complete; the connection is no longer this sink's
     */
    void bytes(ByteBuffer data, boolean last);

    /** The answer will not come, or not be completed; the connection is closed. */
    void failed(AttemptFailure failure);
}
