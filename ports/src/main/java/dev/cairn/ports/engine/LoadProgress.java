package dev.cairn.ports.engine;

/** Hears how far a runner's weights are. Threads: any number at once; calls return at once. */
public interface LoadProgress {

    /** Nobody listens. */
    LoadProgress SILENT =
            new LoadProgress() {
                @Override
                public void begin(String work, long bytes) {
                    // Nobody listens.
                }

                @Override
                public void advanced(long bytes) {
                    // Nobody listens.
                }
            };

    /**
     * Work begins, for the first time or after other work.
     *
     * @param work what is done, for people: {@code "packing weights"}
     * @param bytes that it makes or reads
     */
    void begin(String work, long bytes);

    /**
     * Some more of it is done.
     *
     * @param bytes since the last call
     */
    void advanced(long bytes);
}
