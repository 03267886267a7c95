package dev.cairn.transport.kv;

import dev.cairn.ports.cache.GetOutcome;

/** Why a block does not come, as the protocol writes it. The codes are never used otherwise. */
enum Ending {
    ABSENT(1, GetOutcome.ABSENT),
    REFUSED(2, GetOutcome.REFUSED),
    BUSY(3, GetOutcome.BUSY),
    FAILED(4, GetOutcome.FAILED);

    private final int code;
    private final GetOutcome outcome;

    Ending(int code, GetOutcome outcome) {
        this.code = code;
        this.outcome = outcome;
    }

    int code() {
        return code;
    }

    GetOutcome outcome() {
        return outcome;
    }

    static Ending of(int code) throws ProtocolException {
        for (Ending ending : values()) {
            if (ending.code == code) {
                return ending;
            }
        }
        throw new ProtocolException("ended a block for the unknown reason " + code);
    }
}
