package dev.cairn.engine.remote;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Counts the tokens of an answer that goes by, for accounts with a budget: what its usage says, or,
 * where it says nothing, one for each event. One answer, one thread.
 */
final class AnswerMeter {

    private static final byte[] USAGE =
            "\"completion_tokens\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "data: {".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_TOKENS = 1 << 30;

    private int inUsage;
    private int inEvent;
    private boolean isReading;
    private boolean hasUsage;
    private long said;
    private long events;

    /** Looks at bytes as they were on the wire; framing between them does not matter much. */
    void read(ByteBuffer data) {
        for (int i = data.position(); i < data.limit(); i++) {
            byte one = data.get(i);
            if (isReading) {
                readDigit(one);
            }
            inEvent = next(EVENT, inEvent, one);
            if (inEvent == EVENT.length) {
                events++;
                inEvent = 0;
            }
            inUsage = next(USAGE, inUsage, one);
            if (inUsage == USAGE.length) {
                inUsage = 0;
                isReading = true;
                said = 0;
            }
        }
    }

    private void readDigit(byte one) {
        if (one >= '0' && one <= '9') {
            hasUsage = true;
            said = Math.min(MOST_TOKENS, said * 10 + (one - '0'));
        } else if (one != ' ') {
            isReading = false;
        }
    }

    /** Both words begin with a byte that they do not have again where it matters. */
    private static int next(byte[] word, int matched, byte one) {
        if (one == word[matched]) {
            return matched + 1;
        }
        return one == word[0] ? 1 : 0;
    }

    int tokens() {
        return (int) Math.min(MOST_TOKENS, hasUsage ? said : events);
    }
}
