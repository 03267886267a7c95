package dev.cairn.transport.kv;

/**
 * Kinds of frames. The codes are the protocol's: none is ever used for something else.
 *
 * <p>Who sends it, what its header fields mean and what its body holds stands in {@code
 * docs/kv-transport.md}.
 */
enum FrameType {
    CHALLENGE(1, Wire.TALK_BYTES),
    HELLO(2, Wire.TALK_BYTES),
    WELCOME(3, Wire.TALK_BYTES),
    REFUSAL(4, Wire.TALK_BYTES),
    RING(5, Wire.TALK_BYTES),
    OPEN(6, Wire.TALK_BYTES),
    OPENED(7, Wire.TALK_BYTES),
    PULL(8, Wire.PULL_BYTES),
    DATA(9, Wire.MOST_LAYERS * Integer.BYTES),
    END(10, 0),
    CANCEL(11, 0),
    CREDIT(12, 0),
    PING(13, 0),
    PONG(14, 0),
    DOORBELL(15, 0);

    private static final FrameType[] BY_CODE = new FrameType[16];

    static {
        for (FrameType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;
    private final int mostBodyBytes;

    FrameType(int code, int mostBodyBytes) {
        this.code = code;
        this.mostBodyBytes = mostBodyBytes;
    }

    int code() {
        return code;
    }

    /** Of the body without its checksum. */
    int mostBodyBytes() {
        return mostBodyBytes;
    }

    /**
     * @throws ProtocolException if there is none of this code
     */
    static FrameType of(int code) throws ProtocolException {
        FrameType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (type == null) {
            throw new ProtocolException("sent a frame of unknown type " + code);
        }
        return type;
    }
}
