package dev.cairn.storage.slots;

/**
 * Blocks that one thread of a tier works on at once, in the order in which they came; of one call
 * or of several. Used again and again.
 *
 * <p>Threads: its worker's.
 *
 * @param <B> a block's request
 * @param <O> who hears the outcomes of a call
 */
public final class Batch<B, O> {

    private final Object[] blocks;
    private final Object[] listeners;
    private final int[] indices;
    private int size;

    Batch(int most) {
        blocks = new Object[most];
        listeners = new Object[most];
        indices = new int[most];
    }

    public int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // Only add puts them there.
    public B block(int i) {
        return (B) blocks[i];
    }

    /** Who hears what becomes of a block. */
    @SuppressWarnings("unchecked")
    public O listener(int i) {
        return (O) listeners[i];
    }

    /** A block's index in its call, by which its listener knows it. */
    public int index(int i) {
        return indices[i];
    }

    void add(B block, O listener, int index) {
        blocks[size] = block;
        listeners[size] = listener;
        indices[size] = index;
        size++;
    }

    /** Holds on to nothing. */
    void clear() {
        for (int i = 0; i < size; i++) {
            blocks[i] = null;
            listeners[i] = null;
        }
        size = 0;
    }
}
