package dev.cairn.engine.models.files;

/** Where a file keeps a logical row of a query or key projection. */
sealed interface RowOrder {

    RowOrder STORED = new AsStored();

    /** The stored position of a logical row. */
    long stored(int row);

    record AsStored() implements RowOrder {

        @Override
        public long stored(int row) {
            return row;
        }
    }

    /**
     * GGUF's llama architecture stores pairs that are rotated together side by side; everyone else,
     * and this interface's users, have them half the rotated width apart (llama.cpp, {@code
     * LlamaModel.permute} of its converter).
     */
    record InterleavedPairs(int headSize, int rotated) implements RowOrder {

        @Override
        public long stored(int row) {
            int within = row % headSize;
            if (within >= rotated) {
                return row;
            }
            int half = rotated / 2;
            return (long) row - within + 2L * (within % half) + within / half;
        }
    }
}
