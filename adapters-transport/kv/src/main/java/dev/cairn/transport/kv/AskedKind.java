package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockKind;

/** A kind of blocks that one connection asks for. */
final class AskedKind {

    private final BlockKind kind;
    private final int number;

    /** Of the writing thread. */
    private boolean asked;

    /** Of the reading thread. */
    private boolean answered;

    private boolean open;
    private volatile boolean refused;

    AskedKind(BlockKind kind, int number) {
        this.kind = kind;
        this.number = number;
    }

    BlockKind kind() {
        return kind;
    }

    /** By which both sides know it. */
    int number() {
        return number;
    }

    /** True the first time. */
    boolean mustBeAsked() {
        boolean first = !asked;
        asked = true;
        return first;
    }

    boolean isOpen() {
        return open;
    }

    /** What is asked for later is asked anew: the peer may have loaded a model by then. */
    void refuse() throws ProtocolException {
        answer();
        refused = true;
    }

    boolean isRefused() {
        return refused;
    }

    /**
     * @throws ProtocolException if the peer opened something else than what it was asked for
     */
    void opened(BlockKind theirs) throws ProtocolException {
        answer();
        if (!theirs.equals(kind)) {
            throw new ProtocolException(
                    "was asked for one kind of blocks and opened another: "
                            + KindDifference.words(kind, theirs));
        }
        open = true;
    }

    private void answer() throws ProtocolException {
        if (answered) {
            throw new ProtocolException("answers twice whether it has a kind of blocks");
        }
        answered = true;
    }
}
