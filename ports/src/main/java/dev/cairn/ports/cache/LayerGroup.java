package dev.cairn.ports.cache;

import java.util.List;

/**
 * Layers of a model that keep the same kind of state, and so share block tables and a block pool.
 *
 * @param index position in the runner's list of groups; block tables come in this order
 * @param kind what has to be kept of a prefix
 * @param layers indices into the model's layers, ascending
 * @param layout bytes of one block of this group
 */
public record LayerGroup(int index, StateKind kind, List<Integer> layers, KvLayout layout) {

    public LayerGroup {
        layers = List.copyOf(layers);
    }

    /** Tokens per block. */
    public int blockTokens() {
        return layout.tokens();
    }

    /** What the next token needs of the past. */
    public sealed interface StateKind {

        /** Every token before it. */
        record FullAttention() implements StateKind {}

        /**
         * The last {@code window} tokens, itself included: the query at position p sees keys p -
         * window + 1 .. p. Blocks that lie wholly before the window may be released; their table
         * entries are {@link #RELEASED}.
         */
        record SlidingWindow(int window) implements StateKind {

            public SlidingWindow {
                if (window < 1) {
                    throw new IllegalArgumentException(
                            "a window holds at least 1 token, got " + window);
                }
            }
        }

        /** One checkpoint of a recurrent state; a block holds the state after its last token. */
        record Recurrent() implements StateKind {}
    }

    /** Block-table entry for a block that was released because no later token can see it. */
    public static final int RELEASED = -1;
}
