package dev.cairn.ports.relay;

import dev.cairn.ports.request.Prompt;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Finds the cache blocks of prompts that are relayed, for engines that tell which they hold.
 *
 * <p>Threads: any; nothing here waits. A reader that is overburdened tells {@link ReadPrompt#NONE}.
 */
public interface PromptReader {

    /** Reads nothing. */
    static PromptReader none() {
        return (_, _, _, _, told) -> told.accept(ReadPrompt.NONE);
    }

    /**
     * Renders and encodes a prompt, as far as that was not done before.
     *
     * @param model as the client named it
     * @param shape of the blocks
     * @param salt of the request; empty = none
     * @param prompt is called once at most, on a thread that may take its time; empty if it is of a
     *     kind that nobody reads
     * @param told hears the answer once, on any thread, maybe before this method returns
     */
    void read(
            String model,
            BlockShape shape,
            String salt,
            Supplier<Optional<Prompt>> prompt,
            Consumer<ReadPrompt> told);
}
