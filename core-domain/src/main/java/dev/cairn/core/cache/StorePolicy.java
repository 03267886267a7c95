package dev.cairn.core.cache;

/** When a block goes to a tier. */
public sealed interface StorePolicy {

    StorePolicy AT_ONCE = new WriteThrough();

    /** The word for it in configuration and reports. */
    String label();

    /** As soon as it is computed. */
    record WriteThrough() implements StorePolicy {

        @Override
        public String label() {
            return "write-through";
        }
    }

    /**
     * When it has been of use so often.
     *
     * @param uses computing it is the first
     */
    record Selective(int uses) implements StorePolicy {

        public Selective {
            if (uses < 1) {
                throw new IllegalArgumentException("a block is used at least once, not " + uses);
            }
        }

        @Override
        public String label() {
            return "selective";
        }
    }

    /**
     * When it is about to leave the tier above, or the device: those that would leave next are
     * written ahead, so that nobody waits for it.
     */
    record WriteBack() implements StorePolicy {

        @Override
        public String label() {
            return "write-back";
        }
    }
}
