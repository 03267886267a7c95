package dev.cairn.ports.request;

/**
 * What a router booked for a request, so that a worker can tell other routers of it.
 *
 * @param router who booked it; empty = nobody
 * @param blocks that the prompt takes
 * @param tokens of the prompt that the answering worker is believed to compute
 * @param readerTokens that {@link GenerationRequest#prefillAt} is believed to compute
 */
public record Booked(String router, int blocks, int tokens, int readerTokens) {

    public static final Booked NOTHING = new Booked("", 0, 0, 0);

    public boolean isPresent() {
        return !router.isEmpty();
    }
}
