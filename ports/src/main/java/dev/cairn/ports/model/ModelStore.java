package dev.cairn.ports.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A place far away that has models, and what of it lies here: a hub of model repositories.
 *
 * <p>Threads: any. Calls wait for disk and network.
 */
public interface ModelStore {

    /** Short name for messages and {@code cairn plugins}, for example {@code "hub"}. */
    String name();

    /**
     * Whether the location is written as this store's models are; says nothing of its existence.
     */
    boolean recognises(String location);

    /**
     * A copy on this machine that can be opened, without asking the network.
     *
     * @throws ModelException if the location is malformed
     */
    Optional<Path> present(String location);

    /**
     * Fetches what serving the model needs, and verifies it; goes on where an earlier attempt
     * ended.
     *
     * @return what {@link ModelFormat#open} takes
     * @throws ModelException if it does not exist, may not be read, does not fit the disk, or came
     *     damaged; the message says what to do
     */
    Path pull(String location, Progress progress);

    /** Models of which a copy can be opened. */
    List<String> present();

    /** Hears how far {@link #pull} is. Threads: several at once. */
    interface Progress {

        Progress SILENT =
                new Progress() {
                    @Override
                    public void begin(int files, long bytes, long present) {}

                    @Override
                    public void advanced(long bytes) {}
                };

        /**
         * @param bytes of all files
         * @param present bytes that need not be fetched
         */
        void begin(int files, long bytes, long present);

        /**
         * @param bytes more than before; negative if some have to be fetched again
         */
        void advanced(long bytes);
    }
}
