package dev.cairn.core.cache;

/** When a tier gets a block. */
public sealed interface WritePolicy {

    /** As soon as it is computed. */
    record Through() implements WritePolicy {}

    /**
     * When it was of use so many times; keeps what is never asked for again off a tier that wears
     * or is slow.
     *
     * @param hits at least 1
     */
    record Selective(int hits) implements WritePolicy {

        public Selective {
            if (hits < 1) {
                throw new IllegalArgumentException("a block is stored after 1 hit at least");
            }
        }
    }

    /** When the tier above evicts it. The first tier below the device cannot have this. */
    record Back() implements WritePolicy {}
}
