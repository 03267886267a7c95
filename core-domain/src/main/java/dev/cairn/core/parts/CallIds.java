package dev.cairn.core.parts;

import dev.cairn.ports.system.RandomSource;

/**
 * Ids of tool calls, which differ between requests as much as the requests' own ids do, so that
 * nothing random is needed here.
 */
final class CallIds {

    private static final String LETTERS =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int SHORT = 9;
    private static final int USUAL = 24;

    private CallIds() {}

    /**
     * @param isShort whether it has nine letters or digits and nothing else, as Mistral's templates
     *     demand; else it is written as OpenAI does
     */
    static String of(String requestId, int choice, int call, boolean isShort) {
        // FNV-1a (Fowler, Noll, Vo), then scattered.
        long state = 0xcbf29ce484222325L;
        for (int i = 0; i < requestId.length(); i++) {
            state = (state ^ requestId.charAt(i)) * 0x100000001b3L;
        }
        state = (state ^ choice) * 0x100000001b3L;
        state = (state ^ call) * 0x100000001b3L;
        StringBuilder id = new StringBuilder(isShort ? "" : "call_");
        for (int i = 0; i < (isShort ? SHORT : USUAL); i++) {
            state = RandomSource.mix(state + i);
            id.append(LETTERS.charAt((int) Long.remainderUnsigned(state, LETTERS.length())));
        }
        return id.toString();
    }
}
