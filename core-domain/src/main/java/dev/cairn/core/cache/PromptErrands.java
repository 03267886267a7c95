package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.system.Completion;
import java.util.function.Consumer;

/** Errands for the blocks of one prompt, counted. Threads: one mailbox owns it. */
final class PromptErrands {

    private final int blocks;
    private final Consumer<BlockTally> end;
    private int open;
    private int done;
    private int absent;
    private int failed;

    /**
     * @param blocks each of which ends once
     * @param end runs after the last
     */
    PromptErrands(int blocks, Consumer<BlockTally> end) {
        this.blocks = blocks;
        this.open = blocks + 1;
        this.end = end;
    }

    static PromptErrands telling(int blocks, Completion<BlockTally> done) {
        return new PromptErrands(blocks, done::completed);
    }

    void ended(Errand.Result result) {
        switch (result) {
            case DONE -> done++;
            case ABSENT -> absent++;
            case FAILED -> failed++;
        }
        close();
    }

    /** No block is forgotten: all have ended or will. */
    void allSent() {
        close();
    }

    private void close() {
        if (--open == 0) {
            end.accept(new BlockTally(blocks, done, absent, failed));
        }
    }
}
